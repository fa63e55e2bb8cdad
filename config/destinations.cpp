#include "config/match.hpp"
#include "config/settings.hpp"

#include <utility>

namespace signalbox::config {

namespace {

constexpr double max_burst = 1e9;
constexpr std::int64_t max_concurrency = 1000;
constexpr std::int64_t max_attempts = 1'000'000;

retry_config read_retry(section s) {
  retry_config x;
  x.attempts =
    static_cast<unsigned>(s.integer("attempts", x.attempts, 0, max_attempts));
  x.initial = positive_time(s, "initial", x.initial);
  x.max = positive_time(s, "max", x.max);
  if (x.max < x.initial)
    s.mistake(s.has("max") ? "max" : "initial",
              "'initial' must not be longer than 'max' (5m if not given)");
  return x;
}

/// What makes sense only with a pace of its own is left to the kind.
void read_pace(section& s, destination_config& x) {
  if (auto rate = s.rate("rate", 0); rate > 0)
    x.rate = rate;
  if (auto burst = s.number("burst", 0, 1, max_burst); burst > 0)
    x.burst = burst;
  auto excess = s.choice("excess", 0, {"digest", "wait", "drop"});
  if (s.has("excess"))
    x.excess = excess;
}

destination_config read_destination(section& s,
                                    std::vector<std::string>& names) {
  destination_config x{.name = required_name(s, names),
                       .kind = s.text("kind"),
                       .match = read_match(s, "match"),
                       .except = std::nullopt,
                       .rate = std::nullopt,
                       .burst = std::nullopt,
                       .excess = std::nullopt,
                       .expire = std::nullopt,
                       .retry = read_retry(s.table("retry")),
                       .options = s};
  s.selected_by("kind");
  s.require("kind");
  auto except = read_match(s, "except");
  if (!except.empty())
    x.except = std::move(except);
  read_pace(s, x);
  x.timeout = positive_time(s, "timeout", x.timeout);
  x.concurrency = static_cast<unsigned>(
    s.integer("concurrency", x.concurrency, 1, max_concurrency));
  auto expire = positive_time(s, "expire", std::chrono::hours{1});
  if (s.has("expire"))
    x.expire = expire;
  x.enabled = s.flag("enabled", x.enabled);
  x.from_oldest = s.choice("start", 0, {"end", "oldest"}) == 1;
  s.unavailable("node");
  s.unavailable("nodes");
  return x;
}

} // namespace

std::vector<destination_config> read_destinations(section& root) {
  std::vector<destination_config> out;
  std::vector<std::string> names;
  for (auto& s : root.tables("destination"))
    out.push_back(read_destination(s, names));
  return out;
}

} // namespace signalbox::config
