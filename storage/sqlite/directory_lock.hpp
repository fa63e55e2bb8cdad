// One engine per directory.
#pragma once

#include "messages/failure.hpp"

#include <string>

namespace signalbox::storage {

/// Holds `<directory>/lock` while it lives; the file says whose it is.
class directory_lock {
public:
  /// Makes the directory (for its owner only) if there is none. Fails with
  /// `errc::file` when another process holds it.
  static result<directory_lock> take(std::string directory);

  directory_lock(directory_lock&& other) noexcept;
  directory_lock(const directory_lock&) = delete;
  directory_lock& operator=(const directory_lock&) = delete;
  directory_lock& operator=(directory_lock&&) = delete;
  ~directory_lock();

private:
  explicit directory_lock(int fd) : fd_(fd) {
    // nop
  }

  int fd_;
};

} // namespace signalbox::storage
