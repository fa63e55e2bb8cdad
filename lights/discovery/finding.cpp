#include "lights/discovery/finding.hpp"

#include "policy/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace signalbox::lights {

namespace {

// As config/settings.cpp asks for.
constexpr std::size_t max_name = 64;

/// Of one line of a comment: code points.
constexpr std::size_t max_comment = 300;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

/// A TOML basic string that means the text, made one line, to TOML and to the
/// `${VAR}` of the configuration.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  const auto line = one_line(text, max_comment);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' || line[i] == '\\')
      out += '\\';
    else if (std::string_view{line}.substr(i).starts_with("${"))
      out += '$';
    out += line[i];
  }
  return out + '"';
}

/// What makes a thing itself, whatever it calls itself.
auto identity_of(const finding& x) {
  return std::tie(x.driver, x.where, x.settings);
}

void make_plain(finding& x) {
  for (auto* text : {&x.what, &x.where})
    *text = one_line(*text, max_comment);
  for (auto& one : x.settings)
    one.value = one_line(one.value, max_comment);
  for (auto& remark : x.remarks)
    remark = one_line(remark, max_comment);
}

/// The name itself if it is free, or with the first number that makes it so.
std::string free_name(const std::string& name,
                      const std::set<std::string>& taken) {
  auto out = name;
  for (int n = 2; taken.contains(out); ++n) {
    const auto suffix = fmt::format("-{}", n);
    out = name.substr(0, max_name - suffix.size()) + suffix;
  }
  return out;
}

} // namespace

std::string light_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto safe = is_letter_or_digit(c) || c == '_' || c == '.';
    if (out.size() == max_name || (out.empty() && !is_letter_or_digit(c)))
      continue;
    if (safe)
      out += c;
    else if (out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-'))
    out.pop_back();
  return out;
}

void settle(std::vector<finding>& xs) {
  for (auto& x : xs)
    make_plain(x);
  std::ranges::stable_sort(xs, {}, identity_of);
  // Not std::ranges::unique: its subrange is beyond clang 14.
  const auto same = [](const finding& x, const finding& y) {
    return identity_of(x) == identity_of(y);
  };
  xs.erase(std::unique(xs.begin(), xs.end(), same), xs.end());
  std::set<std::string> taken;
  for (auto& x : xs) {
    const auto name = light_name(x.name);
    x.name = free_name(name.empty() ? x.driver : name, taken);
    taken.insert(x.name);
  }
}

std::string fragment(const finding& x) {
  auto out =
    fmt::format("# {}\n", one_line(x.what + " at " + x.where, max_comment));
  for (const auto& remark : x.remarks)
    out += fmt::format("# {}\n", one_line(remark, max_comment));
  out += fmt::format("[[light]]\nname = {}\ndriver = {}\n", toml_string(x.name),
                     toml_string(x.driver));
  for (const auto& [key, value, open] : x.settings)
    out += open ? fmt::format("# {} = {}\n", key, one_line(value, max_comment))
                : fmt::format("{} = {}\n", key, toml_string(value));
  return out;
}

} // namespace signalbox::lights
