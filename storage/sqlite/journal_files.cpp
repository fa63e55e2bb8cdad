#include "storage/sqlite/journal_files.hpp"

#include "storage/sqlite/schema.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

namespace signalbox::storage {

namespace fs = std::filesystem;

namespace {

constexpr mode_t for_its_owner = 0600; // user names are personal data

tl::unexpected<failure> failed(std::string_view verb, const std::string& path,
                               std::error_code why) {
  const auto full = why == std::errc::no_space_on_device;
  return fail(full ? errc::full : errc::file,
              fmt::format("cannot {} '{}': {}", verb, path, why.message()));
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

result<void> rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    return failed("rename", from, error);
  return {};
}

/// SQLite makes it again; it must not outlive the files that it is about.
void remove_index(const std::string& database) {
  std::error_code ignored;
  fs::remove(database + "-shm", ignored);
}

} // namespace

result<bool> journal_files::settle() const {
  remove_database(patched());
  if (!is_there(repaired()))
    return false;
  if (is_there(database())) {
    remove_database(repaired());
    return false;
  }
  // The log belongs to the database that was set aside last: SQLite would
  // write it into the repaired one.
  if (is_there(wal())) {
    const auto name = fresh_name("damaged", ".db-wal");
    if (auto done = rename(wal(), name); !done)
      return tl::unexpected(done.error());
  }
  if (auto done = adopt_repaired(); !done)
    return tl::unexpected(done.error());
  return true;
}

result<std::string> journal_files::set_aside(std::string_view what) const {
  auto name = fresh_name(what, ".db");
  if (auto done = rename(database(), name); !done)
    return tl::unexpected(done.error());
  std::error_code error;
  if (fs::file_size(wal(), error) == 0)
    fs::remove(wal(), error);
  if (is_there(wal()))
    if (auto done = rename(wal(), name + "-wal"); !done)
      return tl::unexpected(done.error());
  remove_index(database());
  if (auto done = sync(); !done)
    return tl::unexpected(done.error());
  return name;
}

bool journal_files::is_wal_alone() const {
  constexpr std::uintmax_t header = 32;
  std::error_code missing;
  const auto log = fs::file_size(wal(), missing);
  if (missing || log <= header)
    return false;
  const auto size = fs::file_size(database(), missing);
  return missing || size == 0;
}

result<std::string> journal_files::copy_wal() const {
  auto name = fresh_name("damaged", ".wal");
  std::error_code error;
  fs::copy_file(wal(), name, error);
  if (error)
    return failed("copy", wal(), error);
  return name;
}

result<void> journal_files::adopt_repaired() const {
  remove_index(database());
  if (auto done = rename(repaired(), database()); !done)
    return done;
  return sync();
}

void journal_files::remove_database(const std::string& path) {
  std::error_code ignored;
  for (const auto* suffix : {"", "-wal", "-shm", "-journal"})
    fs::remove(path + suffix, ignored);
}

std::string journal_files::fresh_name(std::string_view what,
                                      std::string_view extension) const {
  const auto now =
    std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto base = fmt::format("{}/journal.{}-{:%Y%m%dT%H%M%SZ}", directory_,
                                what, fmt::gmtime(now));
  auto name = base + std::string{extension};
  for (int i = 2; is_there(name); ++i)
    name = fmt::format("{}-{}{}", base, i, extension);
  return name;
}

result<void> journal_files::sync() const {
  return sync_file(directory_);
}

result<void> make_file(const std::string& path) {
  const auto fd =
    ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_its_owner);
  if (fd < 0)
    return failed("open", path, last_error());
  ::close(fd);
  return {};
}

result<void> sync_file(const std::string& path) {
  const auto fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return failed("open", path, last_error());
  const auto synced = ::fsync(fd) == 0;
  const auto why = last_error();
  ::close(fd);
  if (!synced)
    return failed("sync", path, why);
  return {};
}

std::uint32_t page_size_of(const std::string& path) {
  std::array<char, 18> header{};
  std::ifstream{path, std::ios::binary}.read(header.data(), header.size());
  const auto size =
    static_cast<std::uint32_t>(static_cast<unsigned char>(header[16]) << 8U
                               | static_cast<unsigned char>(header[17]));
  return size >= 512 && std::has_single_bit(size) ? size : page_size;
}

bool has_sound_header(const std::string& path) {
  std::array<char, 60> header{};
  std::ifstream file{path, std::ios::binary};
  file.read(header.data(), header.size());
  if (file.gcount() == 0)
    return true;
  // https://www.sqlite.org/fileformat2.html#the_database_header: magic; both
  // versions; no reserved bytes, and constants; UTF-8.
  const std::string_view x{header.data(), header.size()};
  using namespace std::string_view_literals;
  return x.starts_with("SQLite format 3\0"sv)
         && (x.substr(18, 2) == "\1\1"sv || x.substr(18, 2) == "\2\2"sv)
         && x.substr(20, 4) == "\0\x40\x20\x20"sv
         && x.substr(56, 3) == "\0\0\0"sv && (x[59] == 0 || x[59] == 1);
}

} // namespace signalbox::storage
