#include "actors/telemetry.hpp"

#include "actors/event_feed.hpp"
#include "actors/status_json.hpp"
#include "formats/event_json.hpp"

#include <chrono>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = telemetry_actor::stateful_pointer<telemetry_state>;

constexpr auto watcher_check_interval = std::chrono::seconds(1);
constexpr std::uint32_t pull_events = 256;

template <class T>
std::vector<T> values(const std::map<std::string, T>& xs) {
  std::vector<T> out;
  out.reserve(xs.size());
  for (const auto& [name, x] : xs)
    out.push_back(x);
  return out;
}

void show(const std::vector<event_feed_ptr>& watchers, const slice& x,
          sequence from) {
  std::string text;
  for (const auto& [first, batch] : x.batches)
    for (std::size_t i = 0; i < batch->events.size(); ++i) {
      if (first + i < from)
        continue;
      text.clear();
      append_json(text, batch->events[i]);
      for (const auto& w : watchers)
        if (w->wants(batch->events[i]))
          w->push({}, text);
    }
}

void forget_the_gone(telemetry_state& st) {
  std::erase_if(st.watchers, [](const auto& x) { return x->closed(); });
}

void follow(self_ptr self, sequence from) {
  auto& st = self->state;
  forget_the_gone(st);
  st.pulling = !st.watchers.empty();
  if (!st.pulling)
    return;
  self
    ->request(st.journal, caf::infinite, atoms::pull::value, from, pull_events)
    .then(
      [self, from](const slice_ptr& x) {
        show(self->state.watchers, *x, std::max(from, x->from));
        follow(self, x->batches.empty() ? x->from : x->batches.back().end());
      },
      [self](const caf::error&) { self->state.pulling = false; });
}

void welcome(self_ptr self, const event_feed_ptr& watcher) {
  self->request(self->state.journal, caf::infinite, atoms::recent::value)
    .then([self, watcher](const slice_ptr& x, sequence end) {
      auto& st = self->state;
      show({watcher}, *x, 0);
      watcher->push("light", lights_json(values(st.lights)));
      st.watchers.push_back(watcher);
      if (!st.pulling)
        follow(self, end);
    });
}

} // namespace

telemetry_actor::behavior_type telemetry(self_ptr self, journal_actor journal) {
  self->state.journal = std::move(journal);
  self->delayed_send(self, watcher_check_interval, atoms::tick::value);
  return {
    [self](const destination_status& x) {
      self->state.destinations[x.name] = x;
    },
    [self](const light_status& x) {
      auto& st = self->state;
      st.lights[x.name] = x;
      if (st.watchers.empty())
        return;
      const auto text = lights_json(values(st.lights));
      for (const auto& w : st.watchers)
        w->push("light", text);
    },
    [self](const listener_status& x) { self->state.listeners[x.name] = x; },
    [self](atoms::watch, const event_feed_ptr& x) { welcome(self, x); },
    [self](atoms::status) {
      auto picture = std::make_shared<engine_picture>();
      picture->listeners = values(self->state.listeners);
      picture->destinations = values(self->state.destinations);
      picture->lights = values(self->state.lights);
      return engine_picture_ptr{std::move(picture)};
    },
    [self](atoms::tick) {
      forget_the_gone(self->state);
      self->delayed_send(self, watcher_check_interval, atoms::tick::value);
    },
  };
}

} // namespace signalbox
