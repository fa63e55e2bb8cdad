#include "storage/whole_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace signalbox::storage {

namespace {

tl::unexpected<failure> cannot(std::string_view what, const std::string& path) {
  return fail(errc::file, fmt::format("cannot {} {}: {}", what, path,
                                      std::generic_category().message(errno)));
}

class open_file {
public:
  explicit open_file(int fd) : fd_(fd) {
    // nop
  }

  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  ~open_file() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  explicit operator bool() const noexcept {
    return fd_ >= 0;
  }

  [[nodiscard]] int get() const noexcept {
    return fd_;
  }

private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// The new name is the folder's to keep.
bool sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path();
  const open_file x{::open(folder.empty() ? "." : folder.c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  // Some file systems know no such thing (fsync(2): EINVAL).
  return x && (::fsync(x.get()) == 0 || errno == EINVAL);
}

} // namespace

result<std::optional<std::string>> read_whole(const std::string& path,
                                              std::size_t max_bytes) {
  const open_file file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT)
    return std::nullopt;
  struct stat about {};
  if (!file || ::fstat(file.get(), &about) != 0)
    return cannot("read", path);
  if (!S_ISREG(about.st_mode))
    return fail(errc::file, path + " is not a file");
  std::string bytes;
  if (static_cast<std::size_t>(about.st_size) > max_bytes)
    return fail(errc::file, fmt::format("{} has {} bytes; at most {} are read",
                                        path, about.st_size, max_bytes));
  bytes.resize(static_cast<std::size_t>(about.st_size));
  std::size_t got = 0;
  while (got < bytes.size()) {
    const auto n = ::read(file.get(), bytes.data() + got, bytes.size() - got);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return cannot("read", path);
    if (n == 0)
      break; // It has become shorter meanwhile.
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

result<void> replace_whole(const std::string& path, std::string_view bytes,
                           bool sync) {
  const auto fresh = path + ".new";
  constexpr mode_t for_its_owner = 0600;
  {
    const open_file file{::open(
      fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, for_its_owner)};
    if (!file || !write_all(file.get(), bytes)
        || (sync && ::fsync(file.get()) != 0))
      return cannot("write", fresh);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0)
    return cannot("replace", path);
  if (sync && !sync_folder_of(path))
    return cannot("wait for the disk after replacing", path);
  return {};
}

} // namespace signalbox::storage
