// Events made for tests.
#pragma once

#include "messages/event_batch.hpp"
#include "messages/log.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::test {

/// 2026-11-22T09:15:02Z: a fixed time for everything that is stamped.
inline constexpr wall_time noon{std::chrono::seconds(1'795'338'902)};

inline event_id id_of(std::uint64_t n) {
  return {n, n};
}

/// Appends an event of LAB/`user`; ids count from 1 in each batch.
inline event& add_event(event_batch& to, std::string_view user,
                        event_kind kind = event_kind::connection_open,
                        wall_time received = noon) {
  auto& x = to.events.emplace_back();
  x.id = id_of(to.events.size());
  x.kind = kind;
  x.command = command_of(kind);
  x.host = "pro2-win1";
  x.user_directory = "LAB";
  x.user_id = to.keep(user);
  x.received = received;
  return x;
}

/// A batch of events, one for each user.
inline event_batch_builder
batch_of(const std::vector<std::string_view>& users,
         event_kind kind = event_kind::connection_open,
         wall_time received = noon) {
  auto x = std::make_shared<event_batch>();
  for (const auto user : users)
    add_event(*x, user, kind, received);
  return x;
}

/// A batch of `n` events of one user.
inline event_batch_builder batch_of(std::size_t n, wall_time received = noon) {
  auto x = std::make_shared<event_batch>();
  for (std::size_t i = 0; i < n; ++i)
    add_event(*x, "joe", event_kind::connection_open, received);
  return x;
}

/// A slice of one batch that begins at `first`.
inline slice slice_of(sequence first, event_batch_ptr batch) {
  slice x;
  x.from = first;
  x.end = first + batch->events.size();
  x.batches.push_back({first, std::move(batch)});
  return x;
}

} // namespace signalbox::test
