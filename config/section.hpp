// One TOML table as its owner reads it: each call names a key, gives a default
// and records mistakes with their line and column. Keys that nobody asked for
// are reported at the end. Hides toml++ from the rest of the tree.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "messages/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::config {

/// One mistake in a configuration, at its place.
struct diagnostic {
  std::string file;
  std::uint32_t line = 0;   ///< From 1; 0: the file as a whole.
  std::uint32_t column = 0; ///< From 1.
  std::string message;      ///< "destination.rate: …" with a "did you mean".
};

/// "signalbox.toml:12:3: destination.kind: unknown kind 'slak', did you mean
/// 'slack'?"
std::string to_string(const diagnostic& x);

/// Text that must never appear in a log, a page or an error.
class secret {
public:
  secret() = default;

  explicit secret(std::string value, std::string file = {})
    : value_(std::move(value)), file_(std::move(file)) {
    // nop
  }

  /// The value itself: only for the wire.
  [[nodiscard]] const std::string& reveal() const noexcept {
    return value_;
  }

  /// Where it was read from (`…_file`), to read it again; empty if inline.
  [[nodiscard]] const std::string& file() const noexcept {
    return file_;
  }

  [[nodiscard]] bool empty() const noexcept {
    return value_.empty();
  }

private:
  std::string value_;
  std::string file_;
};

/// A table of the document being read. Cheap to copy: copies share the table,
/// the list of mistakes and the record of keys that were asked for. `${VAR}`
/// and `${VAR:-default}` are already replaced in every string. A section stays
/// valid as long as the `document` (config/load.hpp) it came from.
class section {
public:
  struct state; // toml++ lives behind it

  explicit section(std::shared_ptr<state> s);

  /// For messages: "destination 'ops-slack'".
  [[nodiscard]] const std::string& label() const noexcept;

  [[nodiscard]] bool has(std::string_view key) const;

  /// Its keys, in the document's order.
  [[nodiscard]] std::vector<std::string> keys() const;

  std::string text(std::string_view key, std::string fallback = {});
  bool flag(std::string_view key, bool fallback);
  std::int64_t integer(std::string_view key, std::int64_t fallback,
                       std::int64_t min, std::int64_t max);
  double number(std::string_view key, double fallback, double min, double max);
  /// "250ms" "10s" "5m" "12h" "7d".
  duration time(std::string_view key, duration fallback);
  /// Bytes: "64KiB" "8MiB" "4GiB", or a plain integer.
  std::uint64_t size(std::string_view key, std::uint64_t fallback);
  /// Per second: "1/s" "60/m" "3600/h".
  double rate(std::string_view key, double fallback);
  /// One of `names`, by index; anything else is a mistake with a suggestion.
  std::size_t choice(std::string_view key, std::size_t fallback,
                     std::initializer_list<std::string_view> names);
  /// A string, or a list of strings.
  std::vector<std::string> texts(std::string_view key);
  /// A table of strings, in the document's order.
  std::vector<std::pair<std::string, std::string>>
  table_of_texts(std::string_view key);
  /// A table of secrets, in the document's order: `key = { a = "…", b_file =
  /// "…" }`; a member that ends in `_file` names the file that holds it.
  std::vector<std::pair<std::string, secret>>
  table_of_secrets(std::string_view key);
  /// `key`, or the content of the file named by `key_file`, without its last
  /// line break. Both at once, and an unreadable file, are mistakes.
  secret secret_text(std::string_view key);
  /// The content of `key`, or of the file named by `key_file` without its last
  /// line break (templates).
  std::string text_or_file(std::string_view key, std::string fallback = {});
  /// `tls = { ca, cert, key, verify, pin }` under `key`, or in this table if
  /// `key` is ""; paths are checked, and that a pin is one.
  tls_options tls(std::string_view key);
  /// A nested table; an empty section (all defaults) if absent.
  section table(std::string_view key);
  /// An array of tables; empty if absent.
  std::vector<section> tables(std::string_view key);

  /// Resolves a path relative to the config file's folder.
  [[nodiscard]] std::string path(std::string_view relative) const;

  /// Records a mistake at `key` (or at the table if the key is absent or "").
  /// Only the first about the same value is kept. Never put a secret in it.
  void mistake(std::string_view key, std::string message);

  /// Records a mistake at one element of the list at `key`.
  void mistake(std::string_view key, std::size_t element, std::string message);

  /// The text at `key` in quotes, to be part of a mistake: cut, and with its
  /// `${VAR}` unreplaced. Not for keys that hold secrets.
  [[nodiscard]] std::string shown(std::string_view key) const;

  /// `mistake`, when a required key is missing or empty.
  void require(std::string_view key);

  /// Answers a key of a later version: known, and a mistake if it is there.
  void unavailable(std::string_view key);

  /// Says that `key` ("kind", "driver") decides who reads the rest: while
  /// there is a mistake at it, no other key is called unknown.
  void selected_by(std::string_view key);

  /// True while no mistake was recorded through any section of the document.
  [[nodiscard]] bool good() const noexcept;

  /// The table as text, with what the files hold that its readers have read so
  /// far; the same for the same content: to see what changed. Holds secrets:
  /// compare it, never show it.
  [[nodiscard]] std::string fingerprint() const;

private:
  std::shared_ptr<state> state_;
};

} // namespace signalbox::config
