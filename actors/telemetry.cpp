#include "actors/telemetry.hpp"

#include "actors/event_feed.hpp"
#include "actors/status_json.hpp"
#include "formats/event_json.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = telemetry_actor::stateful_pointer<telemetry_state>;

constexpr auto watcher_check_interval = std::chrono::seconds(1);
constexpr std::uint32_t pull_events = 256;

// No destination can be called so.
const std::string reader_name = "dashboard:";

template <class T>
std::vector<T> values(const std::map<std::string, T>& xs) {
  std::vector<T> out;
  out.reserve(xs.size());
  for (const auto& [name, x] : xs)
    out.push_back(x);
  return out;
}

// Shows the events of [first, end).
void show(const std::vector<event_feed_ptr>& watchers, const slice& x,
          const sequence_range& range) {
  std::string text;
  for (const auto& [first, batch] : x.batches)
    for (std::size_t i = 0; i < batch->events.size(); ++i) {
      if (first + i < range.first || first + i >= range.end)
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

void follow(self_ptr self) {
  auto& st = self->state;
  self
    ->request(st.journal, caf::infinite, atoms::pull::value, st.next,
              pull_events)
    .then([self](const slice_ptr& x) {
      auto& s = self->state;
      show(s.watchers, *x, {s.next, x->end});
      s.next = x->end;
      forget_the_gone(s);
      s.following = !s.watchers.empty();
      if (!s.following) {
        self->send(s.journal, atoms::detach::value, reader_name);
        return;
      }
      self->send(s.journal, atoms::advance::value, reader_name,
                 reached(x->end));
      follow(self);
    });
}

// The journal answers in the order in which it was asked, so that what is
// older than `next` is in its last events, and the rest comes by `follow`.
void show_recent(self_ptr self, const event_feed_ptr& watcher) {
  self->request(self->state.journal, caf::infinite, atoms::recent::value)
    .then([self, watcher](const slice_ptr& x) {
      auto& st = self->state;
      show({watcher}, *x, {0, st.next});
      watcher->push("light", lights_json(values(st.lights)));
      st.watchers.push_back(watcher);
    });
}

void welcome(self_ptr self, const event_feed_ptr& watcher) {
  auto& st = self->state;
  if (!std::exchange(st.following, true))
    self->request(st.journal, caf::infinite, atoms::watch::value, reader_name)
      .then([self](const position& from) {
        self->state.next = from.where.next;
        follow(self);
      });
  show_recent(self, watcher);
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
    [self](const session_picture_ptr& x) {
      self->state.sessions = x;
      for (auto& promise : std::exchange(self->state.curious, {}))
        promise.deliver(x);
    },
    [self](atoms::detach, const std::string& name) {
      auto& st = self->state;
      st.destinations.erase(name);
      st.listeners.erase(name);
      std::erase_if(st.lights,
                    [&](const auto& x) { return name == "light:" + x.first; });
    },
    [self](atoms::watch, const event_feed_ptr& x) { welcome(self, x); },
    [self](atoms::pull, const session_picture_ptr& seen)
      -> caf::result<session_picture_ptr> {
      auto promise = self->make_response_promise<session_picture_ptr>();
      if (self->state.sessions != seen)
        promise.deliver(self->state.sessions);
      else
        self->state.curious.push_back(promise);
      return promise;
    },
    [self](atoms::status) {
      auto picture = std::make_shared<engine_picture>();
      picture->listeners = values(self->state.listeners);
      picture->destinations = values(self->state.destinations);
      picture->lights = values(self->state.lights);
      picture->journal = self->state.log;
      picture->sessions = self->state.sessions;
      return engine_picture_ptr{std::move(picture)};
    },
    [self](atoms::tick) {
      forget_the_gone(self->state);
      self->request(self->state.journal, caf::infinite, atoms::status::value)
        .then([self](const journal_status& x) { self->state.log = x; },
              [](const caf::error&) {
                // The journal has ended, and the engine with it.
              });
      self->delayed_send(self, watcher_check_interval, atoms::tick::value);
    },
  };
}

} // namespace signalbox
