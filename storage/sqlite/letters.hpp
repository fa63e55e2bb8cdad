// The table of dead letters.
#pragma once

#include "messages/clock.hpp"
#include "messages/dead_letter.hpp"
#include "storage/sqlite/database.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::storage {

/// Times in the file are milliseconds since 1970, UTC; there is none before.
std::uint64_t to_milliseconds(wall_time x) noexcept;
wall_time from_milliseconds(std::uint64_t x) noexcept;

/// Writes to the table.
class letter_rows {
public:
  static result<letter_rows> prepare(database& db);

  /// A letter with an id replaces the one that is there, if it still is.
  result<void> bury(const dead_letter& x);

  result<void> absolve(std::uint64_t id);

  /// Deletes the oldest letters, so that there are no more than `most` with
  /// those that come; answers how many.
  result<std::uint64_t> make_room(std::uint64_t coming, std::uint64_t most);

private:
  /// So many letters fit for sure; then they have to be counted.
  std::uint64_t room_ = 0;
  statement insert_;
  statement absolve_;
  statement count_;
  statement last_;
  statement drop_;
};

/// Marks letters to be sent again; answers how many match.
result<std::uint64_t> mark_letters(database& db, const letter_query& which);

/// Deletes letters; answers how many.
result<std::uint64_t> purge_letters(database& db, const letter_query& which);

/// The columns of a row, for `is_intact_letter`.
inline constexpr std::string_view letter_columns =
  "id, destination, reason, requested, buried, attempts, events, answer, "
  "event_id, checksum, event, history, blob";

/// The row's checksum fits, and it can be read.
bool is_intact_letter(const rows& row);

struct letters_found {
  letter_page page;
  std::vector<std::uint64_t> damaged; ///< Ids that are not in the page.
};

result<letters_found> find_letters(database& db, const letter_query& which);

} // namespace signalbox::storage
