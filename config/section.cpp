#include "config/section.hpp"

#include "config/source.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <sstream>
#include <type_traits>
#include <utility>

namespace signalbox::config {

namespace {

constexpr auto a_text = "a text in quotes";

/// Reads the text at `key` by its notation, or reports what is wrong with it.
template <class T>
T parse_text(section::state& s, std::string_view key, T fallback,
             const char* expected, result<T> (*parse)(std::string_view)) {
  auto* x = s.ask_for<std::string>(key, expected);
  if (x == nullptr)
    return fallback;
  auto value = parse(x->get());
  if (value)
    return *value;
  s.report(key, s.quoted(*x) + " " + value.error().what);
  return fallback;
}

/// Whether `x` is "sha256//" and the base64 of 32 bytes. libcurl compares the
/// text, so it must be the one way to write them: the last character carries
/// four bits, and two that are 0.
bool is_key_pin(std::string_view x) {
  constexpr std::string_view start = "sha256//";
  constexpr std::size_t hash = 42; // characters of six bits, all used
  if (!x.starts_with(start))
    return false;
  x.remove_prefix(start.size());
  return x.size() == hash + 2 && x.ends_with('=')
         && std::string_view{"AEIMQUYcgkosw048"}.find(x[hash])
              != std::string_view::npos
         && std::ranges::all_of(x.substr(0, hash), [](char c) {
              return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                     || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
            });
}

// Of all files that the table names, at any depth.
void append_contents(std::ostream& out, const source& doc,
                     const toml::node& node) {
  if (const auto* table = node.as_table())
    for (auto&& [key, value] : *table)
      append_contents(out, doc, value);
  if (const auto* list = node.as_array())
    for (auto&& value : *list)
      append_contents(out, doc, value);
  if (const auto i = doc.contents.find(&node); i != doc.contents.end())
    out << '\n' << i->second;
}

} // namespace

std::string to_string(const diagnostic& x) {
  std::string text = x.file;
  if (x.line > 0)
    text += ":" + std::to_string(x.line) + ":" + std::to_string(x.column);
  return text + ": " + x.message;
}

section::section(std::shared_ptr<state> s) : state_(std::move(s)) {
  // nop
}

const std::string& section::label() const noexcept {
  return state_->label;
}

bool section::has(std::string_view key) const {
  return state_->table != nullptr && state_->table->contains(key);
}

std::vector<std::string> section::keys() const {
  if (state_->table == nullptr)
    return {};
  std::vector<const toml::key*> found;
  for (auto&& [key, value] : *state_->table)
    found.push_back(&key);
  // toml++ sorts by name.
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return a->source().begin < b->source().begin;
  });
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const auto* key : found)
    names.emplace_back(key->str());
  return names;
}

std::string section::text(std::string_view key, std::string fallback) {
  auto* x = state_->ask_for<std::string>(key, a_text);
  return x == nullptr ? std::move(fallback) : x->get();
}

bool section::flag(std::string_view key, bool fallback) {
  auto* x = state_->ask_for<bool>(key, "true or false");
  return x == nullptr ? fallback : x->get();
}

std::int64_t section::integer(std::string_view key, std::int64_t fallback,
                              std::int64_t min, std::int64_t max) {
  auto* x = state_->ask_for<std::int64_t>(key, "an integer");
  if (x == nullptr)
    return fallback;
  if (x->get() >= min && x->get() <= max)
    return x->get();
  mistake(key, "must be from " + std::to_string(min) + " to "
                 + std::to_string(max) + ", not " + std::to_string(x->get()));
  return fallback;
}

double section::number(std::string_view key, double fallback, double min,
                       double max) {
  auto* node = state_->ask(key);
  if (node == nullptr)
    return fallback;
  auto x = node->is_number() ? node->value<double>() : std::nullopt;
  if (!x) {
    state_->expected(key, *node, "a number");
    return fallback;
  }
  if (*x >= min && *x <= max) // false for NaN
    return *x;
  std::ostringstream text;
  text << "must be from " << min << " to " << max << ", not " << *x;
  mistake(key, text.str());
  return fallback;
}

duration section::time(std::string_view key, duration fallback) {
  return parse_text(*state_, key, fallback, "a duration like \"10s\"",
                    parse_duration);
}

std::uint64_t section::size(std::string_view key, std::uint64_t fallback) {
  auto* node = state_->ask(key);
  if (node == nullptr || !node->is_integer())
    return parse_text(*state_, key, fallback, "a size like \"8MiB\"",
                      parse_size);
  auto bytes = node->as_integer()->get();
  if (bytes >= 0)
    return static_cast<std::uint64_t>(bytes);
  mistake(key, "must not be negative");
  return fallback;
}

double section::rate(std::string_view key, double fallback) {
  return parse_text(*state_, key, fallback, "a rate like \"20/s\"", parse_rate);
}

std::size_t section::choice(std::string_view key, std::size_t fallback,
                            std::initializer_list<std::string_view> names) {
  auto* x = state_->ask_for<std::string>(key, a_text);
  if (x == nullptr)
    return fallback;
  const auto* found = std::find(names.begin(), names.end(), x->get());
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  std::string known;
  for (auto name : names)
    known.append(known.empty() ? "" : ", ").append(name);
  mistake(key, "unknown value " + state_->quoted(*x) + " (" + known + ")"
                 + did_you_mean(x->get(), {names.begin(), names.size()}));
  return fallback;
}

std::vector<std::string> section::texts(std::string_view key) {
  constexpr auto expected = "a text in quotes or a list of texts";
  auto* node = state_->ask(key);
  if (node == nullptr)
    return {};
  if (const auto* one = node->as_string())
    return {one->get()};
  const auto* list = node->as_array();
  if (list == nullptr) {
    state_->expected(key, *node, expected);
    return {};
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* x = (*list)[i].as_string();
    if (x == nullptr)
      mistake(key, i,
              "expected " + std::string{a_text} + ", found "
                + name_of((*list)[i]));
    out.push_back(x == nullptr ? std::string{} : x->get());
  }
  return out;
}

std::vector<std::pair<std::string, std::string>>
section::table_of_texts(std::string_view key) {
  auto inner = table(key);
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& name : inner.keys()) {
    auto value = inner.text(name);
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

std::vector<std::pair<std::string, secret>>
section::table_of_secrets(std::string_view key) {
  auto inner = table(key);
  std::vector<std::pair<std::string, secret>> out;
  for (auto& name : inner.keys()) {
    if (name.ends_with(file_suffix)) {
      name.resize(name.size() - file_suffix.size());
      // With both, the twin has read it, and the mistake is recorded.
      if (inner.has(name))
        continue;
    }
    auto value = inner.secret_text(name);
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

secret section::secret_text(std::string_view key) {
  auto twin = twin_of(key);
  auto inline_value = text(key);
  if (state_->ask(twin) == nullptr)
    return secret{std::move(inline_value)};
  if (has(key)) {
    mistake(twin, "'" + std::string{key} + "' is there, too; keep one of them");
    return {};
  }
  auto content = state_->content_of(twin);
  return secret{std::move(content), path(text(twin))};
}

std::string section::text_or_file(std::string_view key, std::string fallback) {
  auto twin = twin_of(key);
  auto x = secret_text(key);
  if (has(key) || has(twin))
    return x.reveal();
  return fallback;
}

tls_options section::tls(std::string_view key) {
  auto inner = key.empty() ? *this : table(key);
  auto file = [&inner](std::string_view name) -> std::string {
    auto relative = inner.text(name);
    if (relative.empty())
      return {};
    auto full = inner.path(relative);
    if (auto content = read_file(full); !content)
      inner.mistake(name, content.error().what);
    return full;
  };
  tls_options x;
  x.ca = file("ca");
  x.cert = file("cert");
  x.key = file("key");
  if (x.cert.empty() != x.key.empty())
    inner.mistake(x.key.empty() ? "cert" : "key",
                  "'cert' and 'key' need each other");
  x.verify = inner.flag("verify", true);
  x.pin = inner.text("pin");
  if (!x.pin.empty() && !is_key_pin(x.pin)) {
    inner.mistake("pin", "must be \"sha256//\" and the 44 characters of base64 "
                         "that a SHA-256 hash has");
    x.pin.clear();
  }
  return x;
}

section section::table(std::string_view key) {
  auto* inner = state_->ask_for_table(key);
  auto path = state_->path_of(key);
  auto at = state_->place_of_key(key);
  return state::make(state_->doc, inner, path, path, at);
}

std::vector<section> section::tables(std::string_view key) {
  auto* node = state_->ask(key);
  if (node == nullptr)
    return {};
  auto* list = node->as_array();
  if (list == nullptr) {
    mistake(key, "expected a list of tables; write [[" + state_->path_of(key)
                   + "]]");
    return {};
  }
  auto path = state_->path_of(key);
  std::vector<section> out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto* table = (*list)[i].as_table();
    if (table == nullptr) {
      mistake(key, i,
              "expected a table, found " + std::string{name_of((*list)[i])});
      continue;
    }
    const auto* name = table->get_as<std::string>("name");
    auto label =
      path + " "
      + (name == nullptr ? "#" + std::to_string(i + 1) : state_->quoted(*name));
    out.push_back(state::make(state_->doc, table, path, std::move(label),
                              place_of(table->source())));
  }
  return out;
}

std::string section::path(std::string_view relative) const {
  return (state_->doc->folder / relative).string();
}

void section::mistake(std::string_view key, std::string message) {
  state_->report(key, std::move(message));
}

void section::mistake(std::string_view key, std::size_t element,
                      std::string message) {
  const auto* node =
    state_->table == nullptr ? nullptr : state_->table->get(key);
  const auto* list = node == nullptr ? nullptr : node->as_array();
  if (list == nullptr || element >= list->size())
    return mistake(key, std::move(message));
  const auto& about = (*list)[element];
  state_->report(&about, place_of(about.source()), key, std::move(message));
}

std::string section::shown(std::string_view key) const {
  const auto* x = state_->table == nullptr
                    ? nullptr
                    : state_->table->get_as<std::string>(key);
  return x == nullptr ? "''" : state_->quoted(*x);
}

void section::require(std::string_view key) {
  auto twin = twin_of(key);
  const auto* node = state_->ask(key);
  if (node == nullptr && !has(twin))
    return mistake(key, "required, but missing");
  if (node != nullptr && node->is_string() && node->as_string()->get().empty())
    mistake(key, "required, but empty");
}

void section::unavailable(std::string_view key) {
  if (state_->ask(key) != nullptr)
    mistake(key, "not available in this version; remove it");
}

void section::selected_by(std::string_view key) {
  if (state_->table != nullptr)
    state_->doc->readings[state_->table].selector = key;
}

bool section::good() const noexcept {
  return state_->doc->mistakes.empty();
}

std::string section::fingerprint() const {
  if (state_->table == nullptr)
    return {};
  std::ostringstream out;
  out << toml::toml_formatter{*state_->table};
  append_contents(out, *state_->doc, *state_->table);
  return out.str();
}

} // namespace signalbox::config
