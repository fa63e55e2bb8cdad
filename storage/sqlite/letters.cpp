#include "storage/sqlite/letters.hpp"

#include "formats/batch_blob.hpp"
#include "formats/event_json.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace signalbox::storage {

namespace {

/// The place in the log that the blob of a letter claims: it has none.
constexpr sequence nowhere = 1;

std::string to_json(const std::vector<delivery_attempt>& xs) {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> to{text};
  to.StartArray();
  for (const auto& x : xs) {
    to.StartObject();
    to.Key("at");
    to.Uint64(to_milliseconds(x.at));
    to.Key("answer");
    to.String(x.answer.data(),
              static_cast<rapidjson::SizeType>(x.answer.size()));
    to.EndObject();
  }
  to.EndArray();
  return {text.GetString(), text.GetSize()};
}

std::optional<std::vector<delivery_attempt>>
history_from(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::array all;
  if (parser.parse(json.data(), json.size()).get(all) != simdjson::SUCCESS)
    return std::nullopt;
  std::vector<delivery_attempt> xs;
  for (const auto one : all) {
    std::uint64_t at = 0;
    std::string_view answer;
    if (one["at"].get(at) != simdjson::SUCCESS
        || one["answer"].get(answer) != simdjson::SUCCESS)
      return std::nullopt;
    xs.push_back({from_milliseconds(at), std::string{answer}});
  }
  return xs;
}

/// The columns of a row, beside id, `requested` and the checksum.
struct row_content {
  std::string_view destination;
  std::string_view reason;
  std::uint64_t buried = 0;
  std::uint64_t attempts = 0;
  std::uint64_t events = 0;
  std::string_view answer;
  std::string_view event_id;
  std::string_view event;
  std::string_view history;
  std::string_view blob;
};

/// Without `requested`, which is added to it: so that marking a letter does not
/// need its content.
std::uint64_t checksum(std::uint64_t id, const row_content& x) {
  return digest_of(id, x.destination, x.reason, x.buried, x.attempts, x.events,
                   x.answer, x.event_id, x.event, x.history, x.blob);
}

/// The letter in a row; empty when it is damaged.
std::optional<dead_letter> letter_in(const rows& row) {
  const auto id = row.number(0);
  const row_content content{
    row.text(1), row.text(2), row.number(4), row.number(5), row.number(6),
    row.text(7), row.text(8), row.text(10),  row.text(11),  row.text(12)};
  const auto requested = row.number(3);
  if (row.number(9) != checksum(id, content) + requested)
    return std::nullopt;
  auto reason = dead_reason_from_name(content.reason);
  auto history = history_from(content.history);
  if (!reason || !history || requested > 1)
    return std::nullopt;
  dead_letter x;
  if (!content.blob.empty()) {
    auto batch = decode_blob(std::string{content.blob}, nowhere);
    if (!batch || (*batch)->events.size() != 1)
      return std::nullopt;
    x.batch = *std::move(batch);
    x.what = x.batch->events.data();
  }
  x.id = id;
  x.destination = content.destination;
  x.reason = *reason;
  x.answer = content.answer;
  x.buried = from_milliseconds(content.buried);
  x.attempts = static_cast<std::uint32_t>(content.attempts);
  x.history = *std::move(history);
  x.requested = requested == 1;
  x.events = content.events;
  return x;
}

/// What a query asks for, as a condition in SQL.
class condition {
public:
  explicit condition(const letter_query& which, bool page = true) {
    if (which.id != 0)
      add("id =", which.id);
    if (!which.destination.empty())
      add("destination =", which.destination);
    if (which.reason)
      add("reason =", std::string{to_string(*which.reason)});
    if (which.buried_before)
      add("buried <", to_milliseconds(*which.buried_before));
    if (which.requested_only)
      sql_ += " AND requested = 1";
    if (page && which.after != 0)
      add("id >", which.after);
  }

  /// The statement with this condition behind it, bound; the condition must
  /// outlive its answer.
  [[nodiscard]] result<statement> prepare(database& db, std::string_view before,
                                          std::string_view after = {}) const {
    auto x = db.prepare(fmt::format("{} WHERE TRUE{}{}", before, sql_, after));
    if (!x)
      return x;
    for (int at = 0; const auto& one : values_)
      std::visit([&](const auto& v) { x->bind(++at, v); }, one);
    return x;
  }

private:
  using value = std::variant<std::uint64_t, std::string>;

  void add(std::string_view what, value x) {
    values_.push_back(std::move(x));
    fmt::format_to(std::back_inserter(sql_), " AND {} ?{}", what,
                   values_.size());
  }

  std::string sql_;
  std::vector<value> values_;
};

result<std::uint64_t> count(database& db, const condition& which,
                            std::string_view after = {}) {
  auto asked = which.prepare(db, "SELECT count(*) FROM dead_letters", after);
  if (!asked)
    return tl::unexpected(asked.error());
  auto answer = asked->query_bound();
  if (auto more = answer.next(); !more)
    return tl::unexpected(more.error());
  return answer.number(0);
}

result<std::uint64_t> change(database& db, const condition& which,
                             std::string_view sql,
                             std::string_view after = {}) {
  auto asked = which.prepare(db, sql, after);
  if (!asked)
    return tl::unexpected(asked.error());
  if (auto done = asked->run_bound(); !done)
    return tl::unexpected(done.error());
  return db.changes();
}

} // namespace

std::uint64_t to_milliseconds(wall_time x) noexcept {
  using std::chrono::milliseconds;
  const auto count =
    std::chrono::floor<milliseconds>(x).time_since_epoch().count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

wall_time from_milliseconds(std::uint64_t x) noexcept {
  return wall_time{
    std::chrono::milliseconds{static_cast<std::int64_t>(x % (1ULL << 43U))}};
}

// -- letter_rows --------------------------------------------------------------

result<letter_rows> letter_rows::prepare(database& db) {
  letter_rows x;
  auto done = db.prepare({
    {&x.insert_, "INSERT OR REPLACE INTO dead_letters VALUES (?1, ?2, ?3, 0, "
                 "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
    {&x.absolve_, "DELETE FROM dead_letters WHERE id = ?1"},
    {&x.count_, "SELECT count(*) FROM dead_letters"},
    {&x.last_, "SELECT max((SELECT coalesce(max(seq), 0) FROM sqlite_sequence "
               "WHERE name = 'dead_letters'), (SELECT coalesce(max(id), 0) "
               "FROM dead_letters))"},
    {&x.drop_, "DELETE FROM dead_letters WHERE id IN (SELECT id FROM "
               "dead_letters ORDER BY id LIMIT ?1)"},
  });
  if (!done)
    return tl::unexpected(done.error());
  return x;
}

result<void> letter_rows::bury(const dead_letter& x) {
  auto id = x.id;
  if (id == 0) {
    auto answer = last_.query();
    if (auto more = answer.next(); !more)
      return tl::unexpected(more.error());
    id = answer.number(0) + 1;
  }
  std::string event_id;
  std::string event;
  std::string blob;
  if (x.what != nullptr) {
    event_id = to_string(x.what->id);
    append_json(event, *x.what);
    blob_writer to{nowhere};
    to.add(*x.what);
    blob = to.finish();
  }
  const auto history = to_json(x.history);
  const row_content row{x.destination,
                        to_string(x.reason),
                        to_milliseconds(x.buried),
                        x.attempts,
                        x.events,
                        x.answer,
                        event_id,
                        event,
                        history,
                        blob};
  return insert_.run(id, row.destination, row.reason, row.buried, row.attempts,
                     row.events, row.answer, row.event_id, checksum(id, row),
                     row.event, row.history, blob_view{row.blob});
}

result<void> letter_rows::absolve(std::uint64_t id) {
  return absolve_.run(id);
}

result<std::uint64_t> letter_rows::make_room(std::uint64_t coming,
                                             std::uint64_t most) {
  std::uint64_t dropped = 0;
  if (room_ < coming) {
    std::uint64_t there = 0;
    {
      auto answer = count_.query();
      if (auto more = answer.next(); !more)
        return tl::unexpected(more.error());
      there = answer.number(0);
    }
    if (there + coming > most)
      dropped = std::min(there + coming - most, there);
    if (dropped > 0)
      if (auto done = drop_.run(dropped); !done)
        return tl::unexpected(done.error());
    there -= dropped;
    room_ = std::max(most - std::min(there, most), coming);
  }
  room_ -= coming;
  return dropped;
}

// -- queries ------------------------------------------------------------------

result<std::uint64_t> mark_letters(database& db, const letter_query& which) {
  const condition matches{which};
  // A digest has no events to send again.
  auto matching = count(db, matches, " AND event_id <> ''");
  if (!matching || *matching == 0)
    return matching;
  auto marked = change(db, matches,
                       "UPDATE dead_letters SET requested = 1, checksum = "
                       "checksum + 1",
                       " AND requested = 0 AND event_id <> ''");
  if (!marked)
    return marked;
  return matching;
}

result<std::uint64_t> purge_letters(database& db, const letter_query& which) {
  return change(db, condition{which}, "DELETE FROM dead_letters");
}

bool is_intact_letter(const rows& row) {
  return letter_in(row).has_value();
}

result<letters_found> find_letters(database& db, const letter_query& which) {
  letters_found out;
  auto total = count(db, condition{which, false});
  if (!total)
    return tl::unexpected(total.error());
  out.page.total = *total;
  const condition matches{which};
  auto asked = matches.prepare(
    db, fmt::format("SELECT {} FROM dead_letters", letter_columns),
    " ORDER BY id");
  if (!asked)
    return tl::unexpected(asked.error());
  auto answer = asked->query_bound();
  while (out.page.letters.size() < which.limit) {
    const auto more = answer.next();
    if (!more)
      return tl::unexpected(more.error());
    if (!*more)
      break;
    if (auto x = letter_in(answer))
      out.page.letters.push_back(*std::move(x));
    else
      out.damaged.push_back(answer.number(0));
  }
  return out;
}

} // namespace signalbox::storage
