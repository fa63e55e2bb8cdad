#include "lights/engine.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::lights {

namespace {

bool is_dark(const effect& x) {
  return x.what == show::off || x.color == rgb{} || x.brightness <= 0;
}

bool repeats(show x) {
  return x == show::blink || x == show::pulse;
}

duration period_of(const effect& x) {
  return repeats(x.what) ? std::max(x.period, engine::min_period) : x.period;
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
  default:
    return "down";
  }
}

engine::engine(const options& opts)
  : idle_{opts.idle, mono_time{}, mono_time::max()},
    rate_(opts.max_rate),
    driver_blinks_(opts.driver_blinks),
    bucket_(opts.max_rate, opts.burst),
    retry_(first_retry, last_retry, opts.seed) {
  layers_.reserve(max_layers + 1);
}

void engine::wish(const effect& x, mono_time now) {
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
}

void engine::rest() noexcept {
  layers_.clear();
}

std::optional<command> engine::next(mono_time now) {
  forget_what_is_over(now);
  if (flying_)
    return std::nullopt;
  auto x = command_at(now);
  auto stale = sent_ && now - *sent_ >= reassert_after;
  if (certain_ && x == shown_ && !stale) {
    settle_wish();
    return std::nullopt;
  }
  if (may_send_at(now) > now || !bucket_.try_take(now))
    return std::nullopt;
  ++tally_.commands;
  unanswered_ = false;
  sent_ = now;
  flying_ = x;
  return x;
}

void engine::command_done(bool ok, mono_time now) {
  if (!flying_)
    return;
  auto x = *std::exchange(flying_, std::nullopt);
  certain_ = ok;
  if (ok) {
    shown_ = x;
    failures_ = 0;
    retry_.reset();
    not_before_ = mono_time::min();
  } else {
    ++tally_.errors;
    ++failures_;
    not_before_ = now + retry_.next();
  }
}

std::optional<mono_time> engine::wake_at(mono_time now) const {
  if (flying_)
    return std::nullopt;
  auto due = now;
  if (certain_ && command_at(now) == shown_)
    due = std::min(changes_at(now), *sent_ + reassert_after);
  return std::max(due, may_send_at(now));
}

effect engine::desired(mono_time now) const {
  return top(now).what;
}

health engine::state() const noexcept {
  if (failures_ == 0)
    return health::up;
  return failures_ < 3 ? health::degraded : health::down;
}

const engine::layer& engine::top(mono_time now) const {
  auto i = std::find_if(layers_.rbegin(), layers_.rend(),
                        [now](const layer& x) { return x.until > now; });
  return i != layers_.rend() ? *i : idle_;
}

/// Whether blinking is made of on and off commands: the driver cannot blink,
/// but bears the two commands a period that it takes.
bool engine::toggles(const effect& x) const {
  auto seconds = std::chrono::duration<double>(period_of(x)).count();
  return repeats(x.what) && !is_dark(x) && !driver_blinks_
         && (rate_ == 0 || rate_ * seconds >= 2);
}

command engine::command_at(mono_time now) const {
  const auto& shining = top(now);
  auto x = look_of(shining.what);
  if (driver_blinks_ || !repeats(x.what))
    return x;
  auto half = x.period / 2;
  if (toggles(shining.what) && (now - shining.since) / half % 2 != 0)
    return {};
  return {show::on, x.color, x.brightness, {}};
}

mono_time engine::may_send_at(mono_time now) const {
  auto at = std::max(not_before_, bucket_.ready_at(now));
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
