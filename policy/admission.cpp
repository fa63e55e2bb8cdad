#include "policy/admission.hpp"

#include "policy/key_hasher.hpp"
#include "policy/plain_text.hpp"
#include "policy/rate_limit.hpp"
#include "policy/recent_keys.hpp"

#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace signalbox {

namespace {

/// The keys of admitted events, and when each one's window is over.
class duplicate_window {
public:
  explicit duplicate_window(duration window)
    : window_(window), over_(window, admission::max_keys) {
    // nop
  }

  recent_keys& keys() noexcept {
    return over_;
  }

  [[nodiscard]] recent_keys::finding find(const key_hash& key) const noexcept {
    return over_.find(key);
  }

  static bool holds(const recent_keys::finding& x, mono_time now) noexcept {
    return x.value() && now < *x.value();
  }

  void remember(const recent_keys::finding& x, mono_time now) {
    over_.put(x, now + window_);
  }

private:
  duration window_;
  recent_keys over_;
};

tl::unexpected<failure> refuse(std::string_view what, const std::string& name,
                               std::string_view why) {
  return fail(errc::bad_config, std::string{what} + " \"" + one_line(name, 100)
                                  + "\": " + std::string{why});
}

result<void> check(const limit_rule& rule) {
  if (!(rule.rate > 0) || !std::isfinite(rule.rate))
    return refuse("limit", rule.name,
                  "the rate must be above 0, as in \"20/s\"");
  if (!(rule.burst >= 1) || !std::isfinite(rule.burst))
    return refuse("limit", rule.name, "the burst must be 1 or more");
  return {};
}

result<void> check(const duplicate_rule& rule) {
  if (rule.window < duration{0})
    return fail(errc::bad_config, "duplicates: the window is negative");
  if (rule.window > duration{0} && rule.key.empty())
    return fail(errc::bad_config,
                "duplicates: the key is empty, so every event would be a "
                "duplicate; name at least one field");
  return {};
}

result<matcher> compile(const exclude_rule& rule) {
  if (rule.match.empty())
    return refuse("exclude", rule.name,
                  "there is no pattern, so it would exclude every event");
  auto match = matcher::compile(rule.match);
  if (!match)
    return refuse("exclude", rule.name, match.error().what);
  return match;
}

} // namespace

struct admission::impl {
  admission_rules rules;
  std::vector<matcher> excludes;
  std::vector<rate_limit> limits;
  std::optional<duplicate_window> duplicates;
  key_hasher hash;
  /// Of one batch, reused: for each event that of each limit, then that of the
  /// duplicate window.
  std::vector<key_hash> hashes;
  std::vector<rate_limit::bucket> buckets; ///< Of one event, likewise.

  [[nodiscard]] std::size_t hashes_per_event() const noexcept {
    return limits.size() + (duplicates ? 1 : 0);
  }

  void exclude(std::vector<event>& events, limit_tally& tally) const;
  void forget(mono_time now);
  void hash_all(const std::vector<event>& events);
  bool admits(const key_hash* keys, mono_time now, limit_tally& tally);
};

void admission::impl::exclude(std::vector<event>& events,
                              limit_tally& tally) const {
  if (excludes.empty())
    return;
  std::erase_if(events, [this, &tally](const event& x) {
    for (std::size_t i = 0; i < excludes.size(); ++i) {
      if (excludes[i].holds(x)) {
        ++tally.excluded[i];
        return true;
      }
    }
    return false;
  });
}

void admission::impl::forget(mono_time now) {
  for (auto& limit : limits)
    limit.keys().advance(now);
  if (duplicates)
    duplicates->keys().advance(now);
}

/// Hashes a whole batch before anything is looked up, so that the memory of a
/// large table arrives while the next events are being hashed.
void admission::impl::hash_all(const std::vector<event>& events) {
  hashes.clear();
  for (const auto& x : events) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
      hashes.push_back(hash(rules.limits[i].key, x));
      limits[i].keys().prefetch(hashes.back());
    }
    if (duplicates) {
      hashes.push_back(hash(rules.duplicates.key, x));
      duplicates->keys().prefetch(hashes.back());
    }
  }
}

/// Decides one event by its hashes. Nothing is taken or remembered unless all
/// rules let it pass.
bool admission::impl::admits(const key_hash* keys, mono_time now,
                             limit_tally& tally) {
  const auto count = limits.size();
  recent_keys::finding seen;
  if (duplicates) {
    seen = duplicates->find(keys[count]);
    if (duplicate_window::holds(seen, now)) {
      ++tally.duplicate;
      return false;
    }
  }
  buckets.clear();
  for (std::size_t i = 0; i < count; ++i) {
    buckets.push_back(limits[i].find(keys[i]));
    if (!limits[i].has_token(buckets[i], now)) {
      ++tally.limited[i];
      return false;
    }
  }
  for (std::size_t i = 0; i < count; ++i)
    limits[i].take_token(buckets[i], now);
  if (duplicates)
    duplicates->remember(seen, now);
  return true;
}

admission::admission(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

admission::admission(admission&&) noexcept = default;

admission& admission::operator=(admission&&) noexcept = default;

admission::~admission() = default;

result<admission> admission::make(admission_rules rules) {
  auto x = std::make_unique<impl>();
  for (const auto& rule : rules.excludes) {
    auto match = compile(rule);
    if (!match)
      return tl::unexpected(std::move(match).error());
    x->excludes.push_back(std::move(*match));
  }
  for (const auto& rule : rules.limits) {
    if (auto good = check(rule); !good)
      return tl::unexpected(std::move(good).error());
    x->limits.emplace_back(rule.rate, rule.burst, max_keys);
  }
  if (auto good = check(rules.duplicates); !good)
    return tl::unexpected(std::move(good).error());
  if (rules.duplicates.window > duration{0})
    x->duplicates.emplace(rules.duplicates.window);
  x->rules = std::move(rules);
  return admission{std::move(x)};
}

limit_tally admission::admit(std::vector<event>& events, mono_time now) {
  auto& x = *impl_;
  limit_tally tally;
  tally.excluded.resize(x.excludes.size());
  tally.limited.resize(x.limits.size());
  x.exclude(events, tally);
  const auto step = x.hashes_per_event();
  if (step == 0)
    return tally;
  x.forget(now);
  x.hash_all(events);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!x.admits(&x.hashes[i * step], now, tally))
      continue;
    if (kept != i)
      events[kept] = events[i];
    ++kept;
  }
  events.resize(kept);
  return tally;
}

std::size_t admission::keys() const noexcept {
  std::size_t count = 0;
  for (auto& limit : impl_->limits)
    count += limit.keys().size();
  if (impl_->duplicates)
    count += impl_->duplicates->keys().size();
  return count;
}

} // namespace signalbox
