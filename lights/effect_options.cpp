#include "lights/effect_options.hpp"

#include "config/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace signalbox::lights {

namespace {

using namespace std::chrono_literals;

/// Longer would be a mistake: a lamp that nobody resets for a month.
constexpr duration longest = 30 * 24h;

constexpr std::int64_t most_repeats = 1000;

color read_color(config::section& table) {
  auto text = table.text("color");
  if (text.empty())
    return {};
  if (auto found = parse_color(text))
    return *found;
  table.mistake(
    "color", fmt::format("unknown color '{}'{}, expected a name, '#rrggbb', a "
                         "white such as '2700K' or a point 'xy(0.17, 0.70)'",
                         text, config::did_you_mean(text, color_names())));
  return {};
}

duration read_time(config::section& table, std::string_view key,
                   duration fallback) {
  auto x = table.time(key, fallback);
  if (x > duration::zero() && x <= longest)
    return x;
  table.mistake(key, "must be longer than 0s and at most 30d");
  return fallback;
}

} // namespace

effect read_effect(config::section& table) {
  effect x;
  x.color = read_color(table);
  auto dark = x.color.mix == rgb{};
  x.what = static_cast<show>(
    table.choice("show", static_cast<std::size_t>(dark ? show::off : show::on),
                 {"off", "on", "blink", "pulse", "fade"}));
  x.brightness = table.number("brightness", x.brightness, 0, 1);
  x.period = read_time(table, "period", x.period);
  if (x.what != show::off && !table.has("color"))
    table.mistake(
      "", fmt::format(R"(show = "{}" needs a color)", to_string(x.what)));
  return x;
}

effect read_wish(config::section& table) {
  auto x = read_effect(table);
  if (table.has("for"))
    x.lasts = read_time(table, "for", 1s);
  const auto repeat = table.integer("repeat", 0, 1, most_repeats);
  if (repeat > 0) {
    if (x.what != show::blink && x.what != show::pulse)
      table.mistake("repeat", R"(is for show = "blink" and "pulse")");
    else if (x.lasts)
      table.mistake("repeat", "and 'for' both say how long; give one of them");
    x.lasts = repeat * std::max(x.period, shortest_period);
  }
  x.priority = read_priority(table, x.priority);
  return x;
}

int read_priority(config::section& table, int fallback) {
  return static_cast<int>(
    table.integer("priority", fallback, lowest_priority, highest_priority));
}

} // namespace signalbox::lights
