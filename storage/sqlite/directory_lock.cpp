#include "storage/sqlite/directory_lock.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/file.h>
#include <sys/stat.h>

namespace signalbox::storage {

namespace fs = std::filesystem;

namespace {

constexpr mode_t for_its_owner = 0600; // user names are personal data
constexpr mode_t directory_for_its_owner = 0700;

tl::unexpected<failure> failed(std::string_view verb, const std::string& what) {
  const auto why = std::generic_category().message(errno);
  return fail(errc::file,
              fmt::format("cannot {} '{}': {}; give the engine a directory "
                          "that it may write to",
                          verb, what, why));
}

/// Who holds the lock, as far as it has said so.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const auto n = ::pread(fd, text.data(), text.size(), 0);
  std::string_view pid{text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  pid = pid.substr(0, pid.find('\n'));
  return pid.empty() ? "another process" : fmt::format("process {}", pid);
}

} // namespace

result<directory_lock> directory_lock::take(std::string directory) {
  while (directory.size() > 1 && directory.back() == '/')
    directory.pop_back();
  // Parents as usual, the directory itself for its owner only.
  std::error_code ignored;
  const auto parent = fs::path{directory}.parent_path();
  if (!parent.empty())
    fs::create_directories(parent, ignored);
  if (::mkdir(directory.c_str(), directory_for_its_owner) != 0
      && errno != EEXIST)
    return failed("make the directory", directory);
  const auto path = directory + "/lock";
  const auto fd =
    ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_its_owner);
  if (fd < 0)
    return failed("open", path);
  directory_lock held{fd};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return failed("lock", path);
    return fail(
      errc::file,
      fmt::format("the directory '{}' is in use by {}; only one can use it "
                  "at a time: stop that one, or give the other one a "
                  "directory of its own (node.data_dir)",
                  directory, holder(fd)));
  }
  // Only words for people: a full disk does not matter.
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) == 0)
    static_cast<void>(::pwrite(fd, pid.data(), pid.size(), 0) == 0);
  return held;
}

directory_lock::directory_lock(directory_lock&& other) noexcept
  : fd_(std::exchange(other.fd_, -1)) {
  // nop
}

directory_lock::~directory_lock() {
  if (fd_ >= 0)
    ::close(fd_);
}

} // namespace signalbox::storage
