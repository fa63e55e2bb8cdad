// What actors tell about themselves: for the dashboard, metrics and `status`.
#pragma once

#include "messages/clock.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox {

/// How a destination is doing.
struct destination_status {
  std::string name;
  std::string kind;
  std::string state;      ///< "idle", "ok", "retrying", "open" or "disabled".
  std::string breaker;    ///< "closed", "open" or "half_open".
  std::string last_error; ///< Sanitised; empty when the last answer was good.
  double rate = 0;        ///< Requests a second now; 0: unlimited.
  duration oldest{};      ///< Age of the oldest event in hand; 0: none.
  duration retry_in{};    ///< Until the next attempt; 0: none planned.
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
};

/// What a lamp was told, or should show.
struct light_look {
  std::string show;  ///< "off", "on", "blink", "pulse" or "fade".
  std::string color; ///< "#00ff00"
  double brightness = 1.0;
  duration period{};

  bool operator==(const light_look&) const = default;
};

/// How a lamp is doing.
struct light_status {
  std::string name;
  std::string driver;
  light_look wish;
  duration wish_lasts{}; ///< 0: until the next wish.
  int wish_priority = 0;
  light_look shows;
  std::string state; ///< "up", "degraded", "down" or "misconfigured".
  std::string last_error;
  std::uint64_t events = 0;
  std::uint64_t commands = 0;
  std::uint64_t coalesced = 0;
  std::uint64_t errors = 0;
  std::uint64_t shown = 0; ///< Commands for wishes that were shown,
  duration latency{};      ///< and how long those wishes waited, in sum.

  bool operator==(const light_status&) const = default;
};

/// How the journal is doing.
struct journal_status {
  std::string state = "ok"; ///< "ok", "failing" or "shedding".
  std::string last_error;   ///< Why it cannot be written or read now.
  std::uint64_t next = 1;   ///< The number that the next event gets.
  std::uint64_t oldest = 1; ///< The oldest event that is kept.
  std::uint64_t bytes_in_memory = 0;
  std::uint64_t bytes_on_disk = 0; ///< Of events; 0 where none are.
  std::uint64_t commits = 0;
  std::uint64_t dropped = 0;      ///< Events that left before all had them.
  std::uint64_t lost_letters = 0; ///< Dead letters that could not be written.
};

/// A server on which somebody is active, or was not long ago.
struct active_server {
  std::string name;        ///< As it was first spelled.
  std::uint64_t users = 0; ///< 0: nobody any more.
  std::uint64_t sessions = 0;
  std::uint64_t connections = 0;

  bool operator==(const active_server&) const = default;
};

/// Somebody who is active, on all servers together.
struct active_user {
  std::string directory; ///< As it was first spelled; so is the id.
  std::string id;
  std::vector<std::string> servers; ///< Sorted.
  std::uint64_t sessions = 0;
  std::uint64_t connections = 0;
  wall_time since; ///< Of the event that made them active.

  bool operator==(const active_user&) const = default;
};

/// Who is active now. A user on two servers is one user.
struct session_picture {
  std::vector<active_server> servers; ///< Sorted by name.
  std::vector<active_user> users;     ///< Sorted by directory, then id.
  std::uint64_t sessions = 0;
  std::uint64_t connections = 0;
  /// Since the engine started: users who left a server unseen, because nothing
  /// was heard of them for too long, or for want of room.
  std::uint64_t expired = 0;
  std::uint64_t made_way = 0;

  bool operator==(const session_picture&) const = default;
};
using session_picture_ptr = std::shared_ptr<const session_picture>;

/// How a listening socket is doing.
struct listener_status {
  std::string name;
  std::string address;              ///< As bound: "[::]:9997".
  std::uint64_t receive_buffer = 0; ///< Bytes that the kernel gave.
  std::uint64_t asked_buffer = 0;   ///< Bytes asked for.
  std::uint64_t kernel_dropped = 0;
};

} // namespace signalbox
