#include "config/source.hpp"

#include "config/suggest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace signalbox::config {

namespace {

/// Files that the configuration names are small: secrets and templates.
constexpr std::size_t max_file_bytes = std::size_t{1} << 20;

failure cannot_read(const std::filesystem::path& file, int error) {
  return {errc::file, "cannot read '" + file.string()
                        + "': " + std::generic_category().message(error)};
}

/// Keys and values come from a file that anybody may have written: nothing in
/// them may start a line of its own.
std::string one_line(std::string text) {
  std::replace_if(
    text.begin(), text.end(),
    [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

void add_unknown_keys(const source& doc, const toml::table& table,
                      const reading& x, std::vector<diagnostic>& out) {
  if (x.selector_bad)
    return;
  std::vector<std::string_view> known(x.asked.begin(), x.asked.end());
  for (auto&& [key, value] : table) {
    if (x.asked.contains(key.str()))
      continue;
    auto at = place_of(key.source());
    std::string message = x.path;
    if (!message.empty())
      message += '.';
    message.append(key.str()).append(": unknown key");
    message += did_you_mean(key.str(), known);
    out.push_back({doc.file, at.line, at.column, one_line(std::move(message))});
  }
}

std::string without_last_line_break(std::string text) {
  if (text.ends_with('\n'))
    text.pop_back();
  if (text.ends_with('\r'))
    text.pop_back();
  return text;
}

} // namespace

place place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

void source::report(place at, std::string message) {
  mistakes.push_back({file, at.line, at.column, one_line(std::move(message))});
}

std::vector<diagnostic> source::unknown_keys() const {
  std::vector<diagnostic> out;
  for (const auto& [table, x] : readings)
    add_unknown_keys(*this, *table, x, out);
  return out;
}

result<std::string> read_file(const std::filesystem::path& file) {
  errno = 0;
  auto close = [](std::FILE* f) {
    return std::fclose(f);
  };
  std::unique_ptr<std::FILE, decltype(close)> in{
    std::fopen(file.c_str(), "rbe"), close};
  if (!in)
    return tl::unexpected(cannot_read(file, errno));
  std::string text;
  std::array<char, 4096> block{};
  while (auto n = std::fread(block.data(), 1, block.size(), in.get())) {
    text.append(block.data(), n);
    if (text.size() > max_file_bytes)
      return fail(errc::file, "'" + file.string() + "' is larger than 1 MiB");
  }
  if (std::ferror(in.get()) != 0)
    return tl::unexpected(cannot_read(file, errno));
  return text;
}

std::string twin_of(std::string_view key) {
  return std::string{key}.append(file_suffix);
}

const char* name_of(const toml::node& x) {
  switch (x.type()) {
  case toml::node_type::table:
    return "a table";
  case toml::node_type::array:
    return "a list";
  case toml::node_type::string:
    return "a text";
  case toml::node_type::integer:
    return "an integer";
  case toml::node_type::floating_point:
    return "a number";
  case toml::node_type::boolean:
    return "true or false";
  default:
    return "a date or time";
  }
}

section section::state::make(std::shared_ptr<source> doc, toml::table* table,
                             std::string path, std::string label, place at) {
  if (table != nullptr)
    doc->readings[table].path = path;
  return section{std::make_shared<state>(
    state{std::move(doc), table, std::move(path), std::move(label), at})};
}

toml::node* section::state::ask(std::string_view key) {
  if (table == nullptr)
    return nullptr;
  doc->readings[table].asked.emplace(key);
  return table->get(key);
}

toml::table* section::state::ask_for_table(std::string_view key) {
  auto* node = ask(key);
  if (node == nullptr)
    return nullptr;
  if (node->is_table())
    return node->as_table();
  auto lines = node->is_array_of_tables();
  expected(key, *node,
           lines ? "one table, in single brackets" : "a table, like { … }");
  return nullptr;
}

std::string section::state::path_of(std::string_view key) const {
  if (path.empty() || key.empty())
    return path + std::string{key};
  return path + "." + std::string{key};
}

place section::state::place_of_key(std::string_view key) const {
  if (table == nullptr)
    return at;
  auto entry = table->find(key);
  if (entry == table->end())
    entry = table->find(twin_of(key));
  return entry == table->end() ? at : place_of(entry->first.source());
}

void section::state::report(const toml::node* about, place where,
                            std::string_view key, std::string message) {
  if (about != nullptr && !doc->wrong.insert(about).second)
    return;
  if (auto prefix = path_of(key); !prefix.empty())
    message.insert(0, prefix + ": ");
  doc->report(where, std::move(message));
}

void section::state::report(std::string_view key, std::string message) {
  if (table == nullptr)
    return report(nullptr, at, key, std::move(message));
  auto& x = doc->readings[table];
  if (!key.empty() && key == x.selector)
    x.selector_bad = true;
  const auto* about = table->get(key);
  if (about == nullptr)
    about = table->get(twin_of(key));
  if (about == nullptr && !key.empty() && !x.missing.emplace(key).second)
    return;
  report(about, place_of_key(key), key, std::move(message));
}

std::string section::state::quoted(const toml::value<std::string>& x) const {
  constexpr std::size_t most = 60;
  auto raw = doc->written.find(&x);
  auto text = raw == doc->written.end() ? x.get() : raw->second;
  if (text.size() > most) {
    auto end = most; // not within a character of several bytes
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
      --end;
    text = text.substr(0, end) + "…";
  }
  return "'" + text + "'";
}

void section::state::expected(std::string_view key, const toml::node& instead,
                              const char* what) {
  report(key, "expected " + std::string{what} + ", found " + name_of(instead));
}

std::string section::state::content_of(std::string_view key) {
  auto* name = ask_for<std::string>(key, "the name of a file in quotes");
  if (name == nullptr || doc->wrong.contains(name))
    return {};
  if (name->get().empty()) {
    report(key, "must name a file");
    return {};
  }
  auto text = read_file(doc->folder / name->get());
  if (!text) {
    report(key, std::move(text.error().what));
    return {};
  }
  auto content = without_last_line_break(std::move(*text));
  if (content.empty())
    report(key, "'" + (doc->folder / name->get()).string() + "' is empty");
  doc->contents[name] = content;
  return content;
}

} // namespace signalbox::config
