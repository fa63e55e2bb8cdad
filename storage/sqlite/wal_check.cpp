#include "storage/sqlite/wal_check.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <vector>

namespace signalbox::storage {

namespace {

constexpr std::uint32_t magic = 0x377f0682; // the last bit: big-endian sums
constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;

using bytes = std::span<const char>;

std::uint32_t big_endian(bytes from, std::size_t at) {
  std::uint32_t x = 0;
  for (std::size_t i = 0; i < 4; ++i)
    x = x << 8U | static_cast<unsigned char>(from[at + i]);
  return x;
}

struct sums {
  std::uint32_t a = 0;
  std::uint32_t b = 0;

  bool operator==(const sums&) const = default;
};

/// @pre `over` is a multiple of 8 bytes.
sums sum_up(sums x, bytes over, bool swapped) {
  for (std::size_t i = 0; i < over.size(); i += 8) {
    std::array<std::uint32_t, 2> pair{};
    std::memcpy(pair.data(), over.data() + i, sizeof(pair));
    if (swapped)
      for (auto& one : pair)
        one = __builtin_bswap32(one);
    x.a += pair[0] + x.b;
    x.b += pair[1] + x.a;
  }
  return x;
}

sums sums_at(bytes from, std::size_t at) {
  return {big_endian(from, at), big_endian(from, at + 4)};
}

struct salts {
  std::uint32_t a = 0;
  std::uint32_t b = 0;

  bool operator==(const salts&) const = default;
};

salts salts_at(bytes from, std::size_t at) {
  return {big_endian(from, at), big_endian(from, at + 4)};
}

/// Reads one frame after the other.
class wal_reader {
public:
  explicit wal_reader(const std::string& path) : file_(path, std::ios::binary) {
    // nop
  }

  [[nodiscard]] bool is_open() const {
    return file_.is_open();
  }

  /// Fewer bytes at the end of the file count as none.
  std::optional<bytes> read(std::size_t size) {
    buffer_.resize(size);
    file_.read(buffer_.data(), static_cast<std::streamsize>(size));
    if (static_cast<std::size_t>(file_.gcount()) != size)
      return std::nullopt;
    return bytes{buffer_};
  }

private:
  std::ifstream file_;
  std::vector<char> buffer_;
};

bool is_page_size(std::uint32_t x) {
  return x >= 512 && x <= 65536 && std::has_single_bit(x);
}

} // namespace

wal_damage check_wal(const std::string& path, std::uint32_t page_size) {
  wal_damage out;
  wal_reader log{path};
  if (!log.is_open())
    return out;
  const auto header = log.read(header_size);
  if (!header)
    return out;
  const auto big_endian_sums = (big_endian(*header, 0) & 1U) != 0;
  const auto swapped =
    big_endian_sums != (std::endian::native == std::endian::big);
  auto expected = sum_up({}, header->first(header_size - 8), swapped);
  auto sound = (big_endian(*header, 0) & ~1U) == magic
               && sums_at(*header, header_size - 8) == expected;
  std::optional<salts> mine;
  if (sound) {
    page_size = big_endian(*header, 8);
    mine = salts_at(*header, 16);
  }
  if (!is_page_size(page_size))
    return out;
  for (std::uint64_t n = 1;; ++n) {
    const auto frame = log.read(frame_header_size + page_size);
    if (!frame)
      return out;
    const auto theirs = salts_at(*frame, 8);
    // Without a header, the first frame says which ones belong together.
    if (!mine)
      mine = theirs;
    if (sound) {
      expected = sum_up(expected, frame->first(8), swapped);
      expected = sum_up(expected, frame->subspan(frame_header_size), swapped);
      sound = theirs == *mine && sums_at(*frame, 16) == expected;
      if (!sound)
        out.frame = n;
      continue;
    }
    const auto is_commit = big_endian(*frame, 4) != 0;
    if (theirs == *mine && is_commit)
      ++out.commits;
  }
}

} // namespace signalbox::storage
