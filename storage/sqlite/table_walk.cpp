#include "storage/sqlite/table_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace signalbox::storage {

namespace {

constexpr auto last_key =
  static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

/// Attempts to find a way around damage, in all.
constexpr int most_attempts = 20'000;

/// Rows in a row that are doubted: a page that says that it holds more than it
/// does is full of them.
constexpr int most_doubted = 256;

class walk {
public:
  walk(statement up, const row_visitor& visit)
    : up_(std::move(up)), visit_(visit) {
    // nop
  }

  result<std::vector<unreachable_keys>> run() {
    std::vector<unreachable_keys> out;
    for (;;) {
      const auto before = trusted_;
      auto complete = scan();
      if (!complete)
        return tl::unexpected(complete.error());
      if (*complete)
        return out;
      // Where nothing is gained, the next attempt begins further on.
      fruitless_ = trusted_ > before ? 0 : fruitless_ + 1;
      const auto from = std::max(at_, trusted_);
      const auto skip = (std::uint64_t{1} << std::min(fruitless_, 62U)) - 1;
      const auto next =
        skip < last_key - from ? find_behind(from + skip) : std::nullopt;
      if (!out.empty() && out.back().after == trusted_)
        out.back().before = next;
      else
        out.push_back({trusted_, next});
      if (!next)
        return out;
      at_ = *next;
    }
  }

private:
  /// Visits rows from `at_` on; false when the table cannot be read further.
  result<bool> scan() {
    auto answer = up_.query(at_);
    for (int doubted = 0;;) {
      const auto more = answer.next();
      if (!more || doubted >= most_doubted)
        return false;
      if (!*more)
        return true;
      const auto key = answer.number(0);
      auto what = visit_(key);
      if (!what)
        return tl::unexpected(what.error());
      if (*what == visited::doubted) {
        ++doubted;
        continue;
      }
      doubted = 0;
      // A damaged tree may lead to the same rows again.
      if (key <= trusted_ && trusted_ > 0)
        return false;
      trusted_ = key;
    }
  }

  /// The least key behind `key` that can be reached. Steps grow from one row to
  /// the whole table, then halve back to where the damage ends.
  std::optional<std::uint64_t> find_behind(std::uint64_t key) {
    auto dark = key; // nothing up to it can be reached
    std::optional<std::uint64_t> found;
    while (!found) {
      const auto step = 1 + (dark - key) / 8;
      if (dark > last_key - step || ++attempts_ > most_attempts)
        return std::nullopt;
      found = probe(dark + step);
      if (!found)
        dark += step;
    }
    auto light = *found;
    for (auto low = dark + 1, high = light; low < high;) {
      const auto middle = low + (high - low) / 2;
      if (++attempts_ > most_attempts)
        break;
      if (const auto x = probe(middle)) {
        light = std::min(light, *x);
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return light;
  }

  /// The first key from `key` on; empty when it cannot be read, or is none.
  std::optional<std::uint64_t> probe(std::uint64_t key) {
    auto answer = up_.query(key);
    const auto more = answer.next();
    if (!more || !*more || answer.number(0) < key
        || answer.number(0) > last_key)
      return std::nullopt;
    return answer.number(0);
  }

  statement up_;
  const row_visitor& visit_;
  std::uint64_t at_ = 0;
  std::uint64_t trusted_ = 0; ///< The last key that is right.
  int attempts_ = 0;
  unsigned fruitless_ = 0; ///< Scans in a row that led to no row.
};

} // namespace

result<std::vector<unreachable_keys>>
walk_table(database& db, std::string_view table, const row_visitor& visit) {
  auto up = db.prepare(fmt::format("SELECT rowid FROM {} NOT INDEXED WHERE "
                                   "rowid >= ?1 ORDER BY rowid",
                                   table));
  if (!up) // Not even its definition is left.
    return std::vector<unreachable_keys>{{}};
  return walk{*std::move(up), visit}.run();
}

} // namespace signalbox::storage
