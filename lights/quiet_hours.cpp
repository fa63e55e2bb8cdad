#include "lights/quiet_hours.hpp"

#include "config/suggest.hpp"
#include "lights/effect_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::lights {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed",
                                                   "thu", "fri", "sat"};

std::optional<int> two_digits(std::string_view x) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9';
  };
  if (x.size() != 2 || !digit(x[0]) || !digit(x[1]))
    return std::nullopt;
  return (x[0] - '0') * 10 + (x[1] - '0');
}

/// "22:00", up to "24:00".
std::optional<minutes> parse_time_of_day(std::string_view x) {
  if (x.size() != 5 || x[2] != ':')
    return std::nullopt;
  const auto hour = two_digits(x.substr(0, 2));
  const auto minute = two_digits(x.substr(3));
  if (!hour || !minute || *minute > 59)
    return std::nullopt;
  const auto made = hours{*hour} + minutes{*minute};
  return made <= hours{24} ? std::optional{made} : std::nullopt;
}

minutes read_time_of_day(config::section& table, std::string_view key) {
  table.require(key);
  const auto text = table.text(key);
  const auto found = parse_time_of_day(text);
  if (!text.empty() && !found)
    table.mistake(key, table.shown(key) + " is no time of day like \"22:00\"");
  return found.value_or(minutes{});
}

std::bitset<7> read_days(config::section& table) {
  std::bitset<7> days;
  const auto names = table.texts("days");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = std::ranges::find(weekdays, names[i]);
    if (at == weekdays.end())
      table.mistake("days", i,
                    fmt::format("'{}' is no weekday{}, expected mon, tue, wed, "
                                "thu, fri, sat or sun",
                                names[i],
                                config::did_you_mean(names[i], weekdays)));
    else
      days.set(static_cast<std::size_t>(at - weekdays.begin()));
  }
  return names.empty() ? days.set() : days;
}

} // namespace

local_moment local_moment_of(wall_time x) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(x);
  const auto at = static_cast<std::time_t>(seconds.time_since_epoch().count());
  std::tm local{};
  localtime_r(&at, &local);
  return {static_cast<unsigned>(local.tm_wday),
          hours{local.tm_hour} + minutes{local.tm_min}};
}

quiet_hours quiet_hours::read(config::section table) {
  quiet_hours x;
  x.from_ = read_time_of_day(table, "from");
  x.to_ = read_time_of_day(table, "to");
  if (table.good() && x.from_ == x.to_)
    table.mistake("to", "is the same as 'from': quiet for no time at all, or "
                        "always? (all day is \"00:00\" to \"24:00\")");
  x.days_ = read_days(table);
  x.meanwhile_ = read_effect(table);
  x.meanwhile_.priority = read_priority(table, highest_priority);
  return x;
}

bool quiet_hours::hold_at(const local_moment& x) const {
  if (from_ < to_)
    return days_.test(x.weekday) && x.time >= from_ && x.time < to_;
  const auto yesterday = (x.weekday + 6) % 7;
  return (days_.test(x.weekday) && x.time >= from_)
         || (days_.test(yesterday) && x.time < to_);
}

} // namespace signalbox::lights
