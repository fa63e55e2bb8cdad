#include "config/expand.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace signalbox::config {

namespace {

bool is_variable(std::string_view name) {
  auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  auto digit = [](char c) {
    return c >= '0' && c <= '9';
  };
  return !name.empty() && letter(name.front())
         && std::all_of(name.begin(), name.end(),
                        [&](char c) { return letter(c) || digit(c); });
}

/// Appends the value of what stands between `${` and `}`.
void replace(std::string_view inside, const environment& env, expansion& out) {
  auto mark = inside.find(":-");
  auto name = std::string{inside.substr(0, mark)};
  if (!is_variable(name)) {
    // The text is not repeated: it may be part of a secret.
    out.mistakes.emplace_back("what stands between '${' and '}' is no name of "
                              "a variable; '$${' writes a plain '${'");
    return;
  }
  auto value = env(name);
  if (mark != std::string_view::npos && (!value || value->empty()))
    out.text.append(inside.substr(mark + 2));
  else if (value)
    out.text.append(*value);
  else
    out.mistakes.push_back("the environment variable '" + name
                           + "' is not set; set it, or write '${" + name
                           + ":-default}'");
}

} // namespace

expansion expand(std::string_view text, const environment& env) {
  expansion out;
  while (true) {
    auto open = text.find("${");
    out.text.append(text.substr(0, open));
    if (open == std::string_view::npos)
      return out;
    if (open > 0 && text[open - 1] == '$') {
      out.text.append("{"); // its first '$' is already there
      text.remove_prefix(open + 2);
      continue;
    }
    text.remove_prefix(open + 2);
    auto close = text.find('}');
    if (close == std::string_view::npos) {
      out.mistakes.emplace_back("'${' without its '}'; '$${' writes a plain "
                                "'${'");
      return out;
    }
    replace(text.substr(0, close), env, out);
    text.remove_prefix(close + 1);
  }
}

} // namespace signalbox::config
