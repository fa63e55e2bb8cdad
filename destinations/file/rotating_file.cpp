#include "destinations/file/rotating_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace signalbox {

namespace fs = std::filesystem;

namespace {

constexpr mode_t readable_by_group = 0640; // user names are personal data

write_answer failed(std::string_view verb, const std::string& path,
                    std::error_code why) {
  return {"cannot " + std::string{verb} + " '" + path + "': " + why.message()};
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

} // namespace

rotating_file::rotating_file(std::string path, rotation limits)
  : path_(std::move(path)), limits_(limits) {
  // nop
}

rotating_file::~rotating_file() {
  close();
}

write_answer rotating_file::write(const write_request& request) {
  if (fd_ >= 0 && moved_away())
    close();
  if (fd_ < 0)
    if (auto opened = open(); !opened.error.empty())
      return opened;
  if (must_rotate(request.bytes.size())) {
    close();
    if (auto rotated = rotate(); !rotated.error.empty())
      return rotated;
    if (auto opened = open(); !opened.error.empty())
      return opened;
  }
  auto written = append(request.bytes);
  if (!written.error.empty())
    close();
  return written;
}

write_answer rotating_file::open() {
  std::error_code error;
  if (const auto folder = fs::path{path_}.parent_path(); !folder.empty())
    fs::create_directories(folder, error);
  if (error)
    return failed("make the folder of", path_, error);
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
               readable_by_group);
  if (fd_ < 0)
    return failed("open", path_, last_error());
  struct stat info {};
  if (::fstat(fd_, &info) != 0) {
    auto answer = failed("open", path_, last_error());
    close();
    return answer;
  }
  regular_ = S_ISREG(info.st_mode);
  size_ = regular_ ? static_cast<std::uint64_t>(info.st_size) : 0;
  char last = '\n';
  // A line that was cut off by a crash or a full disk ends here.
  if (size_ > 0 && ::pread(fd_, &last, 1, static_cast<off_t>(size_ - 1)) == 1
      && last != '\n') {
    auto ended = append("\n");
    if (!ended.error.empty())
      close();
    return ended;
  }
  return {};
}

void rotating_file::close() noexcept {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

bool rotating_file::moved_away() const {
  struct stat by_path {};
  struct stat by_fd {};
  return ::stat(path_.c_str(), &by_path) != 0 || ::fstat(fd_, &by_fd) != 0
         || by_path.st_ino != by_fd.st_ino || by_path.st_dev != by_fd.st_dev;
}

bool rotating_file::must_rotate(std::size_t more) const {
  return regular_ && limits_.size > 0 && size_ > 0
         && size_ + more > limits_.size;
}

write_answer rotating_file::rotate() {
  const auto numbered = [this](unsigned i) {
    return path_ + "." + std::to_string(i);
  };
  std::error_code error;
  for (auto i = limits_.keep; i > 0; --i) {
    const auto from = i == 1 ? path_ : numbered(i - 1);
    fs::rename(from, numbered(i), error);
    if (error && error != std::errc::no_such_file_or_directory)
      return failed("rotate", from, error);
  }
  if (limits_.keep == 0)
    fs::remove(path_, error);
  return error && limits_.keep == 0 ? failed("remove", path_, error)
                                    : write_answer{};
}

write_answer rotating_file::append(std::string_view bytes) {
  const auto before = size_;
  while (!bytes.empty()) {
    const auto n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      auto answer = failed("write to", path_, last_error());
      // Taken back as far as possible; `open` ends what remains.
      if (regular_ && size_ > before
          && ::ftruncate(fd_, static_cast<off_t>(before)) == 0)
        size_ = before;
      return answer;
    }
    size_ += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

} // namespace signalbox
