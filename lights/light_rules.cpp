#include "lights/light_rules.hpp"

#include "config/match.hpp"
#include "config/suggest.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::lights {

namespace {

using namespace std::chrono_literals;

/// Longer would be a mistake: a lamp that nobody resets for a month.
constexpr duration longest = 30 * 24h;

constexpr std::int64_t lowest_priority = 1;
constexpr std::int64_t highest_priority = 100;

rgb read_color(config::section& table) {
  auto text = table.text("color");
  if (text.empty())
    return {};
  if (auto color = parse_color(text))
    return *color;
  table.mistake(
    "color", fmt::format("unknown color '{}'{}, expected a name or '#rrggbb'",
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

/// The keys that every effect has; `for` and `priority` are only for wishes.
effect read_effect(config::section& table) {
  effect x;
  x.color = read_color(table);
  auto dark = x.color == rgb{};
  x.what = static_cast<show>(
    table.choice("show", static_cast<std::size_t>(dark ? show::off : show::on),
                 {"off", "on", "blink", "pulse", "fade"}));
  x.brightness = table.number("brightness", x.brightness, 0, 1);
  x.period = read_time(table, "period", x.period);
  if (x.what != show::off && !table.has("color"))
    table.mistake(
      "", fmt::format("show = \"{}\" needs a color", to_string(x.what)));
  return x;
}

effect read_wish(config::section table) {
  auto x = read_effect(table);
  if (table.has("for"))
    x.lasts = read_time(table, "for", 1s);
  x.priority = static_cast<int>(
    table.integer("priority", x.priority, lowest_priority, highest_priority));
  return x;
}

matcher read_matcher(config::section& table) {
  // What does not compile is reported by read_match already.
  return matcher::compile(config::read_match(table, "match"))
    .value_or(matcher{});
}

} // namespace

light_rules read_light_rules(config::section& options) {
  light_rules rules;
  auto idle = options.table("idle");
  rules.idle = read_effect(idle);
  for (auto& table : options.tables("on")) {
    if (!table.has("effect"))
      table.mistake("effect", "required: what the lamp shows, for example "
                              "{ show = \"pulse\", color = \"green\", for = "
                              "\"2s\" }");
    rules.on.push_back({read_matcher(table), read_wish(table.table("effect"))});
  }
  return rules;
}

} // namespace signalbox::lights
