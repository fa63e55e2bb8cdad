#include "lights/light_rules.hpp"

#include "config/match.hpp"
#include "lights/effect_options.hpp"

namespace signalbox::lights {

namespace {

light_rule read_rule(config::section& table) {
  if (!table.has("effect"))
    table.mistake("effect", "required: what the lamp shows, for example "
                            "{ show = \"pulse\", color = \"green\", for = "
                            "\"2s\" }");
  auto wish = table.table("effect");
  // What does not compile is reported by read_match already.
  return {
    matcher::compile(config::read_match(table, "match")).value_or(matcher{}),
    read_wish(wish)};
}

} // namespace

light_rules read_light_rules(config::section& options) {
  light_rules rules;
  auto idle = options.table("idle");
  rules.idle = read_effect(idle);
  for (auto& table : options.tables("on"))
    rules.on.push_back(read_rule(table));
  for (auto& table : options.tables("level"))
    rules.levels.push_back(read_level(table));
  if (options.has("quiet"))
    rules.quiet = quiet_hours::read(options.table("quiet"));
  return rules;
}

} // namespace signalbox::lights
