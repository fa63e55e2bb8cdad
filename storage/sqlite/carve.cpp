#include "storage/sqlite/carve.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string_view>

// https://www.sqlite.org/fileformat2.html, sections 1.6 (b-tree pages), 1.7
// (overflow pages) and 2.1 (records).

namespace signalbox::storage {

namespace {

constexpr char table_leaf = 13;
constexpr std::size_t page_header = 8;
constexpr std::size_t columns = 6;

/// No row of ours is longer; one event may be as long as a datagram.
constexpr std::uint64_t longest_row = std::uint64_t{1} << 20U;

/// Reads numbers from the front of bytes; fails for good at their end.
class byte_reader {
public:
  explicit byte_reader(std::string_view from) : from_(from) {
    // nop
  }

  [[nodiscard]] bool good() const noexcept {
    return good_;
  }

  /// Big-endian, with a sign.
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t x = 0;
    const auto from = take(bytes);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (i == 0 && (from[0] & 0x80) != 0)
        x = ~std::uint64_t{0};
      x = x << 8U | static_cast<unsigned char>(from[i]);
    }
    return x;
  }

  /// Seven bits a byte, high ones first; the ninth byte has eight.
  std::uint64_t varint() {
    std::uint64_t x = 0;
    for (int i = 0; i < 9; ++i) {
      const auto byte = static_cast<unsigned char>(number(1));
      if (i == 8)
        return x << 8U | byte;
      x = x << 7U | (byte & 0x7fU);
      if ((byte & 0x80U) == 0)
        break;
    }
    return x;
  }

  std::string_view take(std::size_t bytes) {
    good_ = good_ && bytes <= from_.size();
    if (!good_)
      return {};
    const auto x = from_.substr(0, bytes);
    from_.remove_prefix(bytes);
    return x;
  }

private:
  std::string_view from_;
  bool good_ = true;
};

class page_file {
public:
  page_file(const std::string& path, std::uint32_t page_size)
    : file_(path, std::ios::binary), size_(page_size) {
    // nop
  }

  /// @param number From 1. False when there is no such page.
  bool read(std::uint64_t number, std::string& to) {
    to.resize(size_);
    file_.clear();
    file_.seekg(static_cast<std::streamoff>((number - 1) * size_));
    file_.read(to.data(), static_cast<std::streamsize>(size_));
    return file_.gcount() == static_cast<std::streamsize>(size_);
  }

private:
  std::ifstream file_;
  std::uint64_t size_;
};

/// A cell of a leaf page.
struct cell {
  std::uint64_t rowid = 0;
  std::uint64_t length = 0;   ///< Of the record.
  std::string_view local;     ///< As much of it as is on this page.
  std::uint64_t overflow = 0; ///< The page that goes on; 0: none.
};

std::optional<cell> cell_at(std::string_view page, std::size_t at) {
  if (at < page_header || at >= page.size())
    return std::nullopt;
  byte_reader from{page.substr(at)};
  cell x;
  x.length = from.varint();
  x.rowid = from.varint();
  if (!from.good() || x.length > longest_row)
    return std::nullopt;
  const auto usable = std::uint64_t{page.size()};
  const auto most = usable - 35;
  const auto least = (usable - 12) * 32 / 255 - 23;
  auto local = x.length;
  if (local > most) {
    local = least + (x.length - least) % (usable - 4);
    if (local > most)
      local = least;
  }
  x.local = from.take(local);
  if (local < x.length)
    x.overflow = from.number(4);
  return from.good() ? std::optional{x} : std::nullopt;
}

/// The numbers at the front of a record, and where its blob begins.
struct numbers {
  batch_row row;
  std::size_t blob_at = 0;
};

std::optional<numbers> numbers_in(const cell& x) {
  static constexpr std::array<std::size_t, 7> sizes{0, 1, 2, 3, 4, 6, 8};
  byte_reader head{x.local};
  const auto head_length = head.varint();
  std::array<std::uint64_t, columns> types{};
  for (auto& type : types)
    type = head.varint();
  // The first column is the row's id, and stored as nothing.
  if (!head.good() || head_length > x.local.size() || types[0] != 0)
    return std::nullopt;
  byte_reader body{x.local.substr(head_length)};
  numbers out;
  out.blob_at = head_length;
  std::array<std::uint64_t, columns> values{x.rowid};
  for (std::size_t i = 1; i + 1 < columns; ++i) {
    const auto type = types[i];
    if (type == 8 || type == 9) {
      values[i] = type - 8;
    } else if (type < sizes.size()) {
      values[i] = body.number(sizes[type]);
      out.blob_at += sizes[type];
    } else {
      return std::nullopt;
    }
  }
  out.row = {values[0], values[1], values[2], values[3]};
  out.row.intact = values[4] == checksum_of(out.row);
  const auto blob_type = types.back();
  if (!body.good() || !out.row.intact || blob_type < 12 || blob_type % 2 != 0
      || (blob_type - 12) / 2 != out.row.bytes
      || out.blob_at + out.row.bytes != x.length)
    return std::nullopt;
  return out;
}

/// The record's bytes, wherever they are; cut short where the chain breaks.
std::string assemble(page_file& file, const cell& x) {
  std::string out{x.local};
  std::string page;
  for (auto next = x.overflow; next != 0 && out.size() < x.length;) {
    if (!file.read(next, page))
      break;
    next = byte_reader{page}.number(4) & 0xffffffffU;
    out.append(page, 4, x.length - out.size());
  }
  return out;
}

} // namespace

result<void> carve_batches(const std::string& path, std::uint32_t page_size,
                           const carved_row& found) {
  page_file file{path, page_size};
  std::string page;
  for (std::uint64_t n = 2; file.read(n, page); ++n) {
    if (page.front() != table_leaf)
      continue;
    byte_reader head{page};
    head.take(3);
    const auto cells = head.number(2) & 0xffffU;
    head.take(3);
    for (std::uint64_t i = 0; i < cells && head.good(); ++i) {
      const auto x = cell_at(page, head.number(2) & 0xffffU);
      const auto in = x ? numbers_in(*x) : std::nullopt;
      if (!in)
        continue;
      if (auto done = found(in->row, assemble(file, *x).substr(in->blob_at));
          !done)
        return done;
    }
  }
  return {};
}

} // namespace signalbox::storage
