// The parsed document behind all of its sections. Only for this folder: the
// one place, with section.cpp and load.cpp, that sees toml++.
#pragma once

#include "config/section.hpp"
#include "messages/failure.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

/// Where something stands in the file; both from 1.
struct place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

place place_of(const toml::source_region& region);

/// What its readers did with one table.
struct reading {
  std::string path; ///< "destination.retry"; empty: the document itself.
  std::set<std::string, std::less<>> asked;
  /// Absent keys that had a mistake: one is enough.
  std::set<std::string, std::less<>> missing;
  std::string selector;      ///< See `section::selected_by`.
  bool selector_bad = false; ///< Nobody can judge the other keys.
};

/// A document, its mistakes, and who read what of it.
struct source {
  std::string file;             ///< For messages.
  std::filesystem::path folder; ///< For relative paths.
  toml::table root;
  std::vector<diagnostic> mistakes;
  std::map<const toml::table*, reading> readings;
  /// Values that had a mistake: one is enough, the rest would follow from it.
  std::set<const toml::node*> wrong;
  /// Strings that held variables, as they were written: the only form in
  /// which they may be shown.
  std::map<const toml::node*, std::string> written;
  /// What the files held that strings name.
  std::map<const toml::node*, std::string> contents;

  void report(place at, std::string message);

  /// A mistake for each key that nobody asked for.
  [[nodiscard]] std::vector<diagnostic> unknown_keys() const;
};

struct section::state {
  std::shared_ptr<source> doc;
  toml::table* table = nullptr; ///< Null: absent, all defaults.
  std::string path;             ///< "destination.retry"
  std::string label;            ///< "destination 'ops-slack'"
  place at;

  /// The section of a table; all of the same table share one `reading`.
  static section make(std::shared_ptr<source> doc, toml::table* table,
                      std::string path, std::string label, place at);

  /// The value of a key, noting that somebody asked for it; null if absent.
  toml::node* ask(std::string_view key);

  /// `ask` for a value that must be of one type; anything else is a mistake
  /// and null.
  template <class T>
  toml::value<T>* ask_for(std::string_view key, const char* expected);

  toml::table* ask_for_table(std::string_view key);

  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] place place_of_key(std::string_view key) const;

  /// One mistake about a value; the second about the same one is dropped.
  void report(const toml::node* about, place at, std::string_view key,
              std::string message);
  void report(std::string_view key, std::string message);

  /// The value in quotes, as written, cut, without control characters.
  [[nodiscard]] std::string quoted(const toml::value<std::string>& x) const;

  /// A mistake that says what is there instead of what was expected.
  void expected(std::string_view key, const toml::node& instead,
                const char* what);

  /// The file named by the string at `key`; empty after a mistake.
  std::string content_of(std::string_view key);
};

template <class T>
toml::value<T>* section::state::ask_for(std::string_view key,
                                        const char* what) {
  auto* node = ask(key);
  if (node == nullptr)
    return nullptr;
  auto* value = node->as<T>();
  if (value == nullptr)
    expected(key, *node, what);
  return value;
}

/// "an integer", "a list", …: for messages.
const char* name_of(const toml::node& x);

/// Ends the keys that name the file that holds the value.
inline constexpr std::string_view file_suffix = "_file";

/// "url_file" for "url".
std::string twin_of(std::string_view key);

/// Reads a whole small file. The failure names the path and the system's
/// reason.
result<std::string> read_file(const std::filesystem::path& file);

} // namespace signalbox::config
