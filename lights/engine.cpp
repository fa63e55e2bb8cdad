#include "lights/engine.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::lights {

namespace {

bool is_dark(const effect& x) {
  return x.what == show::off || x.color.mix == rgb{} || x.brightness <= 0;
}

bool repeats(show x) {
  return x == show::blink || x == show::pulse;
}

duration period_of(const effect& x) {
  return repeats(x.what) ? std::max(x.period, shortest_period) : x.period;
}

/// The command that shows `x`, with everything left out that does not matter.
command look_of(const effect& x) {
  if (is_dark(x))
    return {};
  auto brightness = std::min(x.brightness, 1.0);
  if (x.what == show::on)
    return {show::on, x.color, brightness, {}};
  return {x.what, x.color, brightness, period_of(x)};
}

mono_time end_of(const effect& x, mono_time now) {
  if (!x.lasts || *x.lasts > mono_time::max() - now)
    return mono_time::max();
  return now + *x.lasts;
}

} // namespace

std::string_view to_string(health x) noexcept {
  switch (x) {
  case health::up:
    return "up";
  case health::degraded:
    return "degraded";
  case health::misconfigured:
    return "misconfigured";
  default:
    return "down";
  }
}

engine::engine(const options& opts)
  : options_(opts),
    idle_{opts.idle, mono_time{}, mono_time::max()},
    bucket_(opts.max_rate, opts.burst),
    retry_(first_retry, last_retry, opts.seed) {
  layers_.reserve(max_layers + 1);
}

void engine::wish(const effect& x, mono_time now) {
  if (!unanswered_)
    wished_ = now;
  settle_wish();
  ++tally_.events;
  unanswered_ = true;
  forget_what_is_over(now);
  auto i = std::ranges::lower_bound(
    layers_, x.priority, {}, [](const layer& l) { return l.what.priority; });
  auto until = end_of(x, now);
  if (i == layers_.end() || i->what.priority != x.priority) {
    layers_.insert(i, {x, now, until});
    if (layers_.size() > max_layers)
      layers_.erase(layers_.begin());
  } else {
    // The same again goes on for longer, without starting its blink anew.
    auto since = look_of(i->what) == look_of(x) ? i->since : now;
    *i = {x, since, until};
  }
  // What is hidden behind another wish gets no command.
  if (top(now).what != x)
    settle_wish();
}

void engine::hold(std::string_view name, const effect& x, mono_time now) {
  const auto i = std::ranges::find(held_, name, &held_layer::name);
  if (i == held_.end())
    held_.push_back({std::string{name}, {x, now, mono_time::max()}});
  else if (i->what.what != x)
    i->what = {x, now, mono_time::max()};
}

void engine::release(std::string_view name) {
  std::erase_if(held_, [&](const held_layer& x) { return x.name == name; });
}

void engine::cover(const std::optional<effect>& x, mono_time now) {
  if (!x)
    cover_.reset();
  else if (!cover_ || cover_->what != *x)
    cover_ = {*x, now, mono_time::max()};
}

void engine::rest() noexcept {
  layers_.clear();
  held_.clear();
}

std::optional<command> engine::next(mono_time now) {
  forget_what_is_over(now);
  if (flying_)
    return std::nullopt;
  auto x = command_at(now);
  auto stale = sent_ && now - *sent_ >= options_.reassert;
  if (certain_ && x == shown_ && !stale) {
    settle_wish();
    return std::nullopt;
  }
  // The lamp's own token is there; the bridge's is taken by whoever comes
  // first.
  if (may_send_at(now) > now
      || (options_.bridge && !options_.bridge->try_take(now)))
    return std::nullopt;
  bucket_.try_take(now);
  return launch(x, now);
}

std::optional<command> engine::farewell(mono_time now) {
  rest();
  auto x = command_at(now);
  if (certain_ && x == shown_)
    return std::nullopt;
  return launch(x, now);
}

command engine::launch(const command& x, mono_time now) {
  ++tally_.commands;
  if (std::exchange(unanswered_, false))
    flying_since_ = wished_;
  sent_ = now;
  flying_ = x;
  return x;
}

void engine::answered(const verdict& x, mono_time now) {
  if (!flying_)
    return;
  auto sent = *std::exchange(flying_, std::nullopt);
  const auto waiting_since = std::exchange(flying_since_, std::nullopt);
  certain_ = x.what == outcome::delivered;
  refused_ =
    !certain_ && x.what != outcome::retry && x.what != outcome::slow_down;
  if (certain_) {
    shown_ = sent;
    if (waiting_since) {
      ++tally_.shown;
      tally_.latency += now - *waiting_since;
    }
    failures_ = 0;
    retry_.reset();
    not_before_ = mono_time::min();
    return;
  }
  ++tally_.errors;
  ++failures_;
  if (waiting_since) { // It goes on waiting.
    wished_ = *waiting_since;
    unanswered_ = true;
  }
  not_before_ = now + (refused_ ? probe_interval : retry_.next());
  if (x.retry_after)
    not_before_ = std::max(not_before_, now + *x.retry_after);
  if (options_.bridge && x.retry_after)
    options_.bridge->pause_until(now + *x.retry_after);
  if (x.what != outcome::slow_down)
    return;
  bucket_.slow_down(now);
  if (options_.bridge)
    options_.bridge->slow_down(now);
}

std::optional<mono_time> engine::wake_at(mono_time now) const {
  if (flying_)
    return std::nullopt;
  auto due = now;
  if (certain_ && command_at(now) == shown_)
    due = std::min(changes_at(now), *sent_ + options_.reassert);
  return std::max(due, may_send_at(now));
}

effect engine::desired(mono_time now) const {
  return top(now).what;
}

health engine::state() const noexcept {
  if (failures_ == 0)
    return health::up;
  if (refused_)
    return health::misconfigured;
  return failures_ < 3 ? health::degraded : health::down;
}

const engine::layer& engine::top(mono_time now) const {
  const auto* best = &idle_;
  auto priority = std::numeric_limits<int>::min();
  const auto consider = [&](const layer& x) {
    if (x.what.priority > priority
        || (x.what.priority == priority && x.since >= best->since)) {
      best = &x;
      priority = x.what.priority;
    }
  };
  for (const auto& x : held_)
    consider(x.what);
  for (const auto& x : layers_)
    if (x.until > now)
      consider(x);
  if (cover_ && cover_->what.priority >= priority)
    return *cover_;
  return *best;
}

/// Whether the lamp repeats by itself what it was told once.
bool engine::by_itself(show x) const {
  return x == show::blink ? options_.blinks : options_.pulses;
}

/// Whether blinking is made of on and off commands: the lamp cannot blink, but
/// bears the two commands a period that it takes.
bool engine::toggles(const effect& x) const {
  auto seconds = std::chrono::duration<double>(period_of(x)).count();
  return repeats(x.what) && !is_dark(x) && !by_itself(x.what)
         && (options_.max_rate == 0 || options_.max_rate * seconds >= 2);
}

command engine::command_at(mono_time now) const {
  const auto& shining = top(now);
  auto x = look_of(shining.what);
  if (!repeats(x.what) || by_itself(x.what))
    return x;
  auto half = x.period / 2;
  if (toggles(shining.what) && (now - shining.since) / half % 2 != 0)
    return {};
  return {show::on, x.color, x.brightness, {}};
}

mono_time engine::may_send_at(mono_time now) const {
  auto at = std::max(not_before_, bucket_.ready_at(now));
  if (options_.bridge)
    at = std::max(at, options_.bridge->ready_at(now));
  return sent_ ? std::max(at, *sent_ + min_gap) : at;
}

/// When the desired command may become another one by itself.
mono_time engine::changes_at(mono_time now) const {
  const auto& shining = top(now);
  if (!toggles(shining.what))
    return shining.until;
  auto half = period_of(shining.what) / 2;
  auto toggle = shining.since + ((now - shining.since) / half + 1) * half;
  return std::min(toggle, shining.until);
}

void engine::forget_what_is_over(mono_time now) {
  std::erase_if(layers_, [now](const layer& x) { return x.until <= now; });
}

/// The newest wish is replaced, or shown already: it gets no command.
void engine::settle_wish() {
  if (std::exchange(unanswered_, false))
    ++tally_.coalesced;
}

} // namespace signalbox::lights
