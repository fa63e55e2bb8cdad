#include "storage/sqlite/wal_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace signalbox::storage {

namespace {

constexpr std::uint32_t magic = 0x377f0682; // the last bit: big-endian sums
constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr bool native_is_big = std::endian::native == std::endian::big;

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

void put_big_endian(std::span<char> to, std::size_t at, std::uint32_t x) {
  for (std::size_t i = 4; i-- > 0; x >>= 8U)
    to[at + i] = static_cast<char>(x & 0xffU);
}

void put(std::span<char> to, std::size_t at, sums x) {
  put_big_endian(to, at, x.a);
  put_big_endian(to, at + 4, x.b);
}

/// A whole log in memory: there is a checkpoint every 16 MiB.
class wal_image {
public:
  wal_image(std::string content, std::uint32_t page_size)
    : content_(std::move(content)), page_size_(page_size) {
    const auto header = bytes{content_}.first(header_size);
    swapped_ = ((big_endian(header, 0) & 1U) != 0) != native_is_big;
    if ((big_endian(header, 0) & ~1U) == magic
        && sums_at(header, 24) == sum_up({}, header.first(24), swapped_)) {
      mine_ = salts_at(header, 16);
      page_size_ = big_endian(header, 8);
      return;
    }
    swapped_ = false;
    if (frames() > 0)
      mine_ = salts_at(frame(1), 8);
  }

  /// False if a frame can neither be used nor replaced.
  bool mend(std::string_view first_page) {
    look_around();
    auto running = write_header();
    for (std::uint64_t n = 1; n <= last_; ++n) {
      const auto stored = sums_at(frame(n), 16);
      const auto computed = sum_of(before_, n);
      // If the next frame was written upon this one as it is, then only the sum
      // itself is damaged.
      const auto is_sound = computed == stored || continues(computed, n);
      if (!is_sound) {
        restore_numbers(n);
        if (!is_plausible(n)) {
          if (n == 1)
            return false;
          std::ranges::copy(frame(n - 1), frame(n).begin());
          put_big_endian(frame(n), 4, 0);
        }
      }
      before_ = is_sound ? computed : stored;
      const auto page = frame(n).subspan(frame_header_size);
      if (big_endian(frame(n), 0) == 1 && first_page.size() == page.size())
        std::ranges::copy(first_page, page.begin());
      put_big_endian(frame(n), 8, mine_.a);
      put_big_endian(frame(n), 12, mine_.b);
      running = sum_of(running, n);
      put(frame(n), 16, running);
    }
    return true;
  }

  [[nodiscard]] const std::string& content() const {
    return content_;
  }

private:
  static constexpr std::uint32_t most_pages = 1U << 30U;

  [[nodiscard]] std::uint64_t frames() const {
    return (content_.size() - header_size) / frame_size();
  }

  [[nodiscard]] std::size_t frame_size() const {
    return frame_header_size + page_size_;
  }

  [[nodiscard]] std::span<char> frame(std::uint64_t n) {
    return std::span{content_}.subspan(header_size + (n - 1) * frame_size(),
                                       frame_size());
  }

  /// The last frame that ends a commit, and the largest page of any commit.
  void look_around() {
    for (std::uint64_t n = 1; n <= frames(); ++n) {
      const auto pages = big_endian(frame(n), 4);
      if (salts_at(frame(n), 8) != mine_ || pages == 0)
        continue;
      last_ = n;
      // One that is damaged may claim anything.
      if (pages <= most_pages)
        pages_ = std::max(pages_, pages);
    }
  }

  [[nodiscard]] sums sum_of(sums before, std::uint64_t n) {
    const bytes x = frame(n);
    return sum_up(sum_up(before, x.first(8), swapped_),
                  x.subspan(frame_header_size), swapped_);
  }

  /// Whether the frame behind `n` was written upon this sum.
  [[nodiscard]] bool continues(sums x, std::uint64_t n) {
    return n < frames() && sum_of(x, n + 1) == sums_at(frame(n + 1), 16);
  }

  /// Answers the sum that the first frame goes on from.
  sums write_header() {
    const std::span header{content_.data(), header_size};
    before_ = sum_up({}, bytes{header}.first(24), swapped_);
    if (frames() > 0 && sum_of(before_, 1) != sums_at(frame(1), 16))
      before_ = sums_at(header, 24);
    put_big_endian(header, 0, magic | (swapped_ != native_is_big ? 1U : 0U));
    put_big_endian(header, 4, 3'007'000);
    put_big_endian(header, 8, page_size_);
    put_big_endian(header, 16, mine_.a);
    put_big_endian(header, 20, mine_.b);
    const auto sum = sum_up({}, bytes{header}.first(24), swapped_);
    put(header, 24, sum);
    return sum;
  }

  /// A page in the wrong place would do more harm than one that is damaged: if
  /// another byte in one of the two numbers makes the sum right, it is that.
  /// The sum is weak in the upper bits of its words, where a byte of the page
  /// may be made up for by one of the numbers: the page is the likelier one.
  void restore_numbers(std::uint64_t n) {
    const auto x = frame(n);
    const auto wanted = sums_at(x, 16);
    const auto was_plausible = is_plausible(n);
    for (std::size_t at = 0; at < 8; ++at) {
      const auto is_weak = at % 4 == (swapped_ != native_is_big ? 0U : 3U);
      if (was_plausible && is_weak)
        continue;
      const auto old = x[at];
      for (int byte = 0; byte < 256; ++byte) {
        x[at] = static_cast<char>(byte);
        if (sum_of(before_, n) == wanted && is_plausible(n))
          return;
      }
      x[at] = old;
    }
  }

  [[nodiscard]] bool is_plausible(std::uint64_t n) {
    const auto page = big_endian(frame(n), 0);
    return page > 0 && page <= pages_;
  }

  std::string content_;
  std::uint32_t page_size_;
  bool swapped_ = false;
  salts mine_;
  std::uint64_t last_ = 0;
  std::uint32_t pages_ = 0;
  sums before_; ///< As the frames were written.
};

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
  const auto swapped = big_endian_sums != native_is_big;
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

void mend_wal(const std::string& path, std::uint32_t page_size,
              std::string_view first_page) {
  std::ifstream file{path, std::ios::binary};
  std::string content{std::istreambuf_iterator<char>{file}, {}};
  if (content.size() < header_size || !is_page_size(page_size))
    return;
  wal_image image{std::move(content), page_size};
  if (!image.mend(first_page))
    return;
  std::fstream out{path, std::ios::binary | std::ios::in | std::ios::out};
  out.write(image.content().data(),
            static_cast<std::streamsize>(image.content().size()));
}

} // namespace signalbox::storage
