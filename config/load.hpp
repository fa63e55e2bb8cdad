// From a TOML file to a `configuration`, or to the list of all its mistakes.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

/// Looks up an environment variable; handed in so that tests need none.
using environment =
  std::function<std::optional<std::string>(std::string_view name)>;

/// The process's environment.
environment process_environment();

/// A file being read. First `settings` are filled with everything but what
/// belongs to the kinds of destinations and lights; then their drivers read
/// their own keys through `section options`; then `finish` reports what is
/// wrong, unknown keys included.
class document {
public:
  /// @param text The TOML.
  /// @param file Its path, for messages and for relative paths in it.
  static document parse(std::string_view text,
                        const std::filesystem::path& file,
                        const environment& env);

  /// Reads the file; an unreadable file is a mistake like any other.
  static document read(const std::filesystem::path& file,
                       const environment& env);

  /// The configuration that the binary carries for a start without a file.
  static document embedded();

  [[nodiscard]] const configuration& settings() const noexcept;

  /// All mistakes, by place; empty means that `settings` are good. Call it
  /// after all drivers have read their keys.
  std::vector<diagnostic> finish();

private:
  struct content;
  explicit document(std::shared_ptr<content> c);
  std::shared_ptr<content> content_;
};

} // namespace signalbox::config
