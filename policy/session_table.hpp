// Who is active now: users by their sessions and connections on each server.
#pragma once

#include "messages/clock.hpp"
#include "messages/event.hpp"
#include "messages/status.hpp"
#include "policy/keyed_hash.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox {

/// What of a session table outlives the process.
struct session_snapshot {
  /// One user on one server.
  struct place {
    std::string directory;
    std::string id;
    wall_time since; ///< Of the user, on whichever server.
    std::string server;
    std::uint64_t sessions = 0;
    std::uint64_t connections = 0;
    wall_time last; ///< When something was last heard of the user here.

    bool operator==(const place&) const = default;
  };

  /// A server that nobody is active on any more, which may have to be told.
  struct idle_server {
    std::string name;
    wall_time left; ///< When the last user went.

    bool operator==(const idle_server&) const = default;
  };

  std::uint64_t next = 1;    ///< The first event that is not counted yet.
  std::vector<place> places; ///< Who was silent longest comes first.
  std::vector<idle_server> idle_servers;

  bool operator==(const session_snapshot&) const = default;
};

/// Counts sessions and connections, per user and server. Users are told apart
/// by directory and id, servers by name, all in any case; the spelling that
/// came first is shown.
///
/// - A start and an open add one, a stop and a close take one away, never below
///   zero, so that a repeated or late one does no harm.
/// - A stop that leaves no session on a server ends the connections there, too:
///   whoever is logged out holds none, and the close may come late or never.
/// - Whoever has a session or a connection on a server is active there; a
///   connection without a session counts, for we may have started late.
/// - Whoever was silent on a server for `expire` has left it: the stop was
///   lost.
///
/// Times are wall times, those of the events and of the caller, so that an
/// expiry holds across restarts. A clock that is set back delays expiries by at
/// most `expire`.
///
/// Not thread-safe. An event of somebody who is known allocates nothing.
class session_table {
public:
  struct options {
    duration expire = std::chrono::hours(12);
    /// Users times servers. Who was silent longest makes way.
    std::size_t max_places = 100'000;
  };

  /// Names that are longer than this, in bytes, are nobody's. (A DNS name has
  /// 253 at most, RFC 1035; an account name of Windows 256, MS-ADA3.)
  static constexpr std::size_t max_name = 256;

  /// Servers that are remembered although nobody is active there.
  static constexpr std::size_t max_idle_servers = 1'000;

  explicit session_table(options x) : options_(x) {
    // nop
  }

  session_table() : session_table(options{}) {
    // nop
  }

  // The places point into the tables.
  session_table(const session_table&) = delete;
  session_table& operator=(const session_table&) = delete;
  session_table(session_table&&) = default;
  session_table& operator=(session_table&&) = default;
  ~session_table() = default;

  /// What an event has done.
  enum class effect : std::uint8_t {
    none,
    heard, ///< Nothing but a sign of life.
    counted,
  };

  effect apply(const event& x);

  /// Lets go of those who were silent for too long.
  /// @returns Whether there were any.
  bool sweep(wall_time now);

  /// From the next `sweep` on.
  void expire_after(duration x) noexcept {
    options_.expire = x;
  }

  [[nodiscard]] session_picture picture() const;

  /// All but `next`, which the caller knows.
  [[nodiscard]] session_snapshot snapshot() const;

  /// Takes over what a former process knew; those who have left since then go
  /// with the next `sweep`. To be called on an empty table.
  void restore(const session_snapshot& x);

  /// Users times servers.
  [[nodiscard]] std::size_t places() const noexcept {
    return by_silence_.size();
  }

private:
  template <class T>
  using table = std::unordered_map<std::string, T, keyed_hash, std::equal_to<>>;

  struct known_user {
    std::string directory;
    std::string id;
    wall_time since;
    std::size_t places = 0;
  };

  struct known_server {
    std::string name;
    std::uint64_t users = 0;
    std::uint64_t sessions = 0;
    std::uint64_t connections = 0;
    wall_time left; ///< While there are no users: when the last one went.
  };

  /// One user on one server. The pointers lead into the tables, whose entries
  /// stay where they are.
  struct place {
    const std::string* key = nullptr;
    table<known_user>::value_type* who = nullptr;
    table<known_server>::value_type* where = nullptr;
    std::uint64_t sessions = 0;
    std::uint64_t connections = 0;
    wall_time last;
  };

  using place_list = std::list<place>;

  void make_key(std::string_view directory, std::string_view id,
                std::string_view server);
  place_list::iterator add(std::string_view directory, std::string_view id,
                           std::string_view server, wall_time since);
  void hear(place_list::iterator x, wall_time at);
  void remove(place_list::iterator x, wall_time at);
  static void set(place& x, std::uint64_t sessions, std::uint64_t connections);

  options options_;
  table<known_user> users_;
  table<known_server> servers_;
  table<place_list::iterator> places_;
  place_list by_silence_; ///< Who was silent longest comes first.
  std::size_t idle_servers_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t made_way_ = 0;

  std::string key_;          ///< Of the place that is looked at: user, server.
  std::size_t user_end_ = 0; ///< Of the user's part of it.
};

} // namespace signalbox
