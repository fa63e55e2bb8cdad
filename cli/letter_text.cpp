#include "cli/letter_text.hpp"

#include "formats/timestamp.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace signalbox::cli {

namespace {

using simdjson::dom::element;

constexpr std::size_t name_characters = 64;
constexpr std::size_t event_characters = 60;
constexpr std::size_t value_characters = 2000;
constexpr std::size_t least_answer = 20; // Below it a line may be too long.
constexpr std::size_t names_width = 17;

std::string text(const element& of, std::string_view key,
                 std::size_t characters) {
  std::string_view x;
  if (of[key].get(x) != simdjson::SUCCESS)
    return {};
  return one_line(x, characters);
}

std::uint64_t number(const element& of, std::string_view key) {
  return of[key].get_uint64().value();
}

std::string age_of(std::string_view time, wall_time now) {
  using namespace std::chrono;
  const auto at = parse_timestamp(time);
  if (!at)
    return "?";
  const auto passed = std::max(floor<seconds>(now - *at), 0s);
  if (passed < 2min)
    return fmt::format("{} s", passed.count());
  if (passed < 2h)
    return fmt::format("{} min", floor<minutes>(passed).count());
  if (passed < 48h)
    return fmt::format("{} h", floor<hours>(passed).count());
  return fmt::format("{} d", floor<days>(passed).count());
}

/// "Open connection LAB/joe pro2-win1", or what it stands for.
std::string event_of(const element& letter) {
  element event;
  if (letter["event"].get(event) != simdjson::SUCCESS || !event.is_object())
    return fmt::format("digest of {} events", number(letter, "events"));
  std::string user;
  element who;
  if (event["user"].get(who) == simdjson::SUCCESS) {
    user = text(who, "directory", name_characters);
    user += (user.empty() ? "" : "/") + text(who, "id", name_characters);
  }
  std::string out = text(event, "command", name_characters);
  for (const auto& x : {user, text(event, "host", name_characters)})
    if (!x.empty())
      out += " " + x;
  return one_line(out, event_characters);
}

struct row {
  std::array<std::string, 5> cells;
  std::string answer;
};

row row_of(const element& x, wall_time now) {
  auto reason = text(x, "reason", name_characters);
  if (x["requested"].get_bool().value())
    reason += ", requested";
  return {{std::to_string(number(x, "id")),
           text(x, "destination", name_characters),
           age_of(x["buried"].get_string().value(), now), std::move(reason),
           event_of(x)},
          text(x, "answer", value_characters)};
}

/// Code points: what is shown is mostly names in Latin script.
std::size_t width_of(std::string_view x) {
  return static_cast<std::size_t>(std::ranges::count_if(x, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string pad(const std::string& x, std::size_t width, bool right) {
  const std::string blank(width - std::min(width, width_of(x)), ' ');
  return right ? blank + x : x + blank;
}

void put_field(std::string& out, std::string_view name, std::string_view value,
               std::size_t indent) {
  fmt::format_to(std::back_inserter(out), "{:{}}{:<{}} {}\n", "", indent, name,
                 names_width - indent, value);
}

/// A value of our event JSON, whatever it is: "user.directory  LAB".
void put_value(std::string& out, const std::string& name, const element& x) {
  simdjson::dom::object members;
  if (x.get(members) == simdjson::SUCCESS) {
    for (const auto member : members)
      put_value(out,
                (name.empty() ? "" : name + ".")
                  + one_line(member.key, name_characters),
                member.value);
    return;
  }
  std::string_view value;
  put_field(out, name,
            x.get(value) == simdjson::SUCCESS
              ? one_line(value, value_characters)
              : one_line(simdjson::minify(x), value_characters),
            2);
}

std::string_view explain(std::string_view reason) {
  if (reason == "refused")
    return "the destination refused this event itself";
  if (reason == "exhausted")
    return "every attempt failed";
  if (reason == "unavailable")
    return "the destination itself was at fault until the event expired";
  return "";
}

std::string page_text(const element& x, wall_time now) {
  std::string out;
  const auto reason = text(x, "reason", name_characters);
  const auto buried = text(x, "buried", name_characters);
  put_field(out, "dead letter", std::to_string(number(x, "id")), 0);
  put_field(out, "destination", text(x, "destination", name_characters), 0);
  put_field(out, "reason", fmt::format("{}: {}", reason, explain(reason)), 0);
  put_field(out, "answer", text(x, "answer", value_characters), 0);
  put_field(out, "buried",
            fmt::format("{} ({} ago)", buried, age_of(buried, now)), 0);
  put_field(out, "to be sent",
            x["requested"].get_bool().value() ? "yes, again" : "no", 0);
  put_field(out, "attempts", std::to_string(number(x, "attempts")), 0);
  const auto history = x["history"].get_array().value();
  for (const auto one : history)
    out += fmt::format("  {}  {}\n", text(one, "at", name_characters),
                       text(one, "answer", value_characters));
  element event;
  if (x["event"].get(event) != simdjson::SUCCESS || !event.is_object()) {
    put_field(out, "event",
              fmt::format("a digest of {} events, which are not kept one by "
                          "one: it cannot be sent again",
                          number(x, "events")),
              0);
    return out;
  }
  put_field(out, "event", text(x, "event_id", name_characters), 0);
  put_value(out, "", event);
  return out;
}

failure not_understood(const simdjson::simdjson_error& e) {
  return {errc::malformed,
          fmt::format("a dead letter is not understood: {}", e.what())};
}

} // namespace

result<std::string> letter_table(const letter_list& x, wall_time now,
                                 std::size_t width) try {
  simdjson::dom::parser parser;
  std::vector<row> rows;
  rows.push_back({{"id", "destination", "age", "reason", "event"}, "answer"});
  for (const auto& one : x.letters)
    rows.push_back(row_of(parser.parse(one).value(), now));
  std::array<std::size_t, std::tuple_size_v<decltype(row::cells)>> widths{};
  for (const auto& one : rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(one.cells[i]));
  std::string out;
  for (const auto& one : rows) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i)
      line += pad(one.cells[i], widths[i], i == 0) + "  ";
    const auto used = width_of(line);
    const auto room = width == 0
                        ? value_characters
                        : std::max(width - std::min(width, used), least_answer);
    out += line + one_line(one.answer, room) + "\n";
  }
  return out;
} catch (const simdjson::simdjson_error& e) {
  return tl::unexpected{not_understood(e)};
}

result<std::string> letter_page_text(std::string_view json, wall_time now) try {
  simdjson::dom::parser parser;
  return page_text(parser.parse(simdjson::padded_string{json}).value(), now);
} catch (const simdjson::simdjson_error& e) {
  return tl::unexpected{not_understood(e)};
}

} // namespace signalbox::cli
