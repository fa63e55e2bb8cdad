// A place for what a process under measurement writes.
#pragma once

#include "messages/failure.hpp"

#include <filesystem>
#include <string>

namespace signalbox::bench {

/// A directory that goes with the handle, with all that is in it.
class temporary_directory {
public:
  /// Makes a new one in `parent`, whose disk is what the process gets.
  static result<temporary_directory> make(const std::filesystem::path& parent);

  ~temporary_directory();
  temporary_directory(temporary_directory&& other) noexcept;
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  temporary_directory& operator=(temporary_directory&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

private:
  explicit temporary_directory(std::filesystem::path path);

  std::filesystem::path path_; ///< Absolute; empty in a handle moved from.
};

} // namespace signalbox::bench
