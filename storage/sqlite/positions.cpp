#include "storage/sqlite/positions.hpp"

#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

namespace signalbox::storage {

namespace {

std::optional<sequence> number_from(std::string_view text) {
  sequence x = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, x);
  if (error != std::errc{} || at != end)
    return std::nullopt;
  return x;
}

std::uint64_t checksum(std::string_view name, const cursor& where,
                       std::string_view beyond, const passed_terms& x) {
  return digest_of(name, where.next, beyond, x.not_matched, x.delivered,
                   x.folded, x.dead_lettered, x.expired, x.dropped);
}

constexpr std::string_view select_all =
  "SELECT name, next, beyond, not_matched, delivered, folded, dead_lettered, "
  "expired, dropped, checksum FROM readers NOT INDEXED";

/// The position in a row; empty when it is damaged.
std::optional<position> position_in(const rows& row) {
  position x;
  auto beyond = ranges_from(row.text(2));
  if (!beyond)
    return std::nullopt;
  x.where = {row.number(1), *std::move(beyond)};
  x.terms = {row.number(3), row.number(4), row.number(5),
             row.number(6), row.number(7), row.number(8)};
  if (row.number(9) != checksum(row.text(0), x.where, row.text(2), x.terms))
    return std::nullopt;
  return x;
}

} // namespace

std::string to_text(const std::vector<sequence_range>& xs) {
  std::string text;
  for (const auto& x : xs)
    fmt::format_to(std::back_inserter(text), "{}{}-{}", text.empty() ? "" : ",",
                   x.first, x.end - 1);
  return text;
}

std::optional<std::vector<sequence_range>> ranges_from(std::string_view text) {
  std::vector<sequence_range> xs;
  sequence least = 0;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto one = text.substr(0, comma);
    const auto dash = std::min(one.find('-'), one.size());
    const auto first = number_from(one.substr(0, dash));
    const auto last = number_from(one.substr(std::min(dash + 1, one.size())));
    if (!first || !last || *first < least || *last < *first
        || *last == std::numeric_limits<sequence>::max())
      return std::nullopt;
    xs.push_back({*first, *last + 1});
    least = *last + 1;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return xs;
}

result<position_rows> position_rows::prepare(database& db) {
  position_rows x;
  auto done = db.prepare({
    {&x.save_,
     "INSERT INTO readers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
     "ON CONFLICT (name) DO UPDATE SET next = ?2, beyond = ?3, not_matched = "
     "?4, delivered = ?5, folded = ?6, dead_lettered = ?7, expired = ?8, "
     "dropped = ?9, checksum = ?10"},
    {&x.forget_, "DELETE FROM readers WHERE name = ?1"},
  });
  if (!done)
    return tl::unexpected(done.error());
  return x;
}

result<void> position_rows::save(std::string_view name, const position& x) {
  const auto beyond = to_text(x.where.beyond);
  return save_.run(name, x.where.next, beyond, x.terms.not_matched,
                   x.terms.delivered, x.terms.folded, x.terms.dead_lettered,
                   x.terms.expired, x.terms.dropped,
                   checksum(name, x.where, beyond, x.terms));
}

result<void> position_rows::forget(std::string_view name) {
  return forget_.run(name);
}

result<stored_positions> load_positions(database& db) {
  stored_positions out;
  std::set<std::string> names;
  auto all = db.prepare(select_all);
  if (!all)
    return tl::unexpected(all.error());
  auto read = for_each(all->query(), [&](const rows& row) -> result<void> {
    const auto& name = *names.emplace(row.text(0)).first;
    if (auto x = position_in(row))
      out.readers.emplace(name, *std::move(x));
    return {};
  });
  if (!read)
    return tl::unexpected(read.error());
  // The table's index holds the names once more: a name that is damaged in one
  // of the two is known from the other.
  auto index = db.prepare("SELECT name FROM readers ORDER BY name");
  if (!index)
    return tl::unexpected(index.error());
  read = for_each(index->query(), [&](const rows& row) -> result<void> {
    names.emplace(row.text(0));
    return {};
  });
  if (!read)
    return tl::unexpected(read.error());
  for (const auto& name : names)
    if (!out.readers.contains(name))
      out.damaged.push_back(name);
  return out;
}

} // namespace signalbox::storage
