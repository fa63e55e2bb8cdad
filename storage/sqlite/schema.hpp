// The tables of the journal's file, and how those of a former version become
// those of this one.
#pragma once

#include "storage/sqlite/database.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::storage {

/// Of a new file. Rows are blobs of up to 256 KiB, for which large pages are
/// good: 16 KiB saves a tenth of the time. But a commit of a few events writes
/// a whole page of each table that it touches, and those are what a quiet site
/// writes all day (bench/journal_bench.cpp).
inline constexpr unsigned page_size = 8192;

/// The version that this program makes; `PRAGMA user_version`.
std::uint64_t schema_version() noexcept;

/// Makes the tables, or brings those of a former version up to date. Fails with
/// `errc::not_available` when they are of a later version.
result<void> migrate(database& db);

/// SQLite has no checksums of its own. Every row has one over its content, to
/// tell when a bit has flipped; it is a column, `checksum`, of 62 bits (XXH3).
class row_digest {
public:
  template <class... Ts>
  explicit row_digest(const Ts&... xs) {
    (add(xs), ...);
  }

  [[nodiscard]] std::uint64_t value() const noexcept;

private:
  void add(std::uint64_t x);
  void add(std::string_view x);

  std::string bytes_;
};

/// The checksum of a row with this content: numbers and texts.
template <class... Ts>
std::uint64_t digest_of(const Ts&... xs) {
  return row_digest{xs...}.value();
}

} // namespace signalbox::storage
