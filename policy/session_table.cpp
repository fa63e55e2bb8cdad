#include "policy/session_table.hpp"

#include "policy/fold.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox {

namespace {

// Text of events has no control characters.
constexpr char separator = '\0';

bool is_somebody(const event& x) {
  constexpr auto most = session_table::max_name;
  return !x.user_id.empty() && x.user_id.size() <= most
         && x.user_directory.size() <= most && x.host.size() <= most;
}

bool is_beginning(event_kind x) {
  return x == event_kind::session_start || x == event_kind::connection_open;
}

std::uint64_t one_less(std::uint64_t x) {
  return x > 0 ? x - 1 : 0;
}

} // namespace

session_table::effect session_table::apply(const event& x) {
  // What is sent again by hand tells nothing about now.
  if (x.replayed || !is_somebody(x))
    return effect::none;
  make_key(x.user_directory, x.user_id, x.host);
  const auto found = places_.find(std::string_view{key_});
  if (found == places_.end() && !is_beginning(x.kind))
    return effect::none;
  const auto at = found != places_.end()
                    ? found->second
                    : add(x.user_directory, x.user_id, x.host, x.received);
  hear(at, x.received);
  auto sessions = at->sessions;
  auto connections = at->connections;
  switch (x.kind) {
  case event_kind::session_start:
    ++sessions;
    break;
  case event_kind::session_stop:
    sessions = one_less(sessions);
    if (sessions == 0)
      connections = 0;
    break;
  case event_kind::connection_open:
    ++connections;
    break;
  case event_kind::connection_close:
    connections = one_less(connections);
    break;
  case event_kind::other:
  case event_kind::count:
    break;
  }
  if (sessions == at->sessions && connections == at->connections)
    return effect::heard;
  set(*at, sessions, connections);
  if (sessions == 0 && connections == 0)
    remove(at, x.received);
  return effect::counted;
}

bool session_table::sweep(wall_time now) {
  const auto before = expired_;
  while (!by_silence_.empty()) {
    auto& x = by_silence_.front();
    x.last = std::min(x.last, now); // The clock was set back.
    if (now - x.last < options_.expire)
      break;
    ++expired_;
    remove(by_silence_.begin(), now);
  }
  const auto servers_before = servers_.size();
  for (auto i = servers_.begin(); i != servers_.end();) {
    auto& x = i->second;
    x.left = std::min(x.left, now);
    const auto is_over = x.users == 0 && now - x.left >= options_.expire;
    i = is_over ? servers_.erase(i) : std::next(i);
  }
  idle_servers_ -= servers_before - servers_.size();
  return expired_ != before || servers_.size() != servers_before;
}

session_picture session_table::picture() const {
  session_picture out;
  out.expired = expired_;
  out.made_way = made_way_;
  std::vector<const table<known_server>::value_type*> servers;
  servers.reserve(servers_.size());
  for (const auto& x : servers_)
    servers.push_back(&x);
  std::ranges::sort(
    servers, {}, [](auto* x) -> auto& { return x->first; });
  for (const auto* entry : servers) {
    const auto& x = entry->second;
    out.servers.push_back({x.name, x.users, x.sessions, x.connections});
    out.sessions += x.sessions;
    out.connections += x.connections;
  }
  std::vector<const place*> places;
  places.reserve(by_silence_.size());
  for (const auto& x : by_silence_)
    places.push_back(&x);
  // A key is the user's, then the server's.
  std::ranges::sort(
    places, {}, [](auto* x) -> auto& { return *x->key; });
  out.users.reserve(users_.size());
  const void* last = nullptr;
  for (const auto* x : places) {
    if (std::exchange(last, x->who) != x->who) {
      auto& user = out.users.emplace_back();
      user.directory = x->who->second.directory;
      user.id = x->who->second.id;
      user.since = x->who->second.since;
    }
    auto& user = out.users.back();
    user.servers.push_back(x->where->second.name);
    user.sessions += x->sessions;
    user.connections += x->connections;
  }
  return out;
}

session_snapshot session_table::snapshot() const {
  session_snapshot out;
  out.places.reserve(by_silence_.size());
  for (const auto& x : by_silence_) {
    const auto& user = x.who->second;
    out.places.push_back({user.directory, user.id, user.since,
                          x.where->second.name, x.sessions, x.connections,
                          x.last});
  }
  for (const auto& [key, x] : servers_)
    if (x.users == 0)
      out.idle_servers.push_back({x.name, x.left});
  return out;
}

void session_table::restore(const session_snapshot& x) {
  for (const auto& one : x.idle_servers) {
    if (idle_servers_ >= max_idle_servers)
      break;
    auto [at, is_new] = servers_.try_emplace(folded(one.name));
    if (!is_new)
      continue;
    at->second.name = one.name;
    at->second.left = one.left;
    ++idle_servers_;
  }
  for (const auto& one : x.places) {
    make_key(one.directory, one.id, one.server);
    if (one.id.empty() || (one.sessions == 0 && one.connections == 0)
        || places_.contains(std::string_view{key_}))
      continue;
    const auto at = add(one.directory, one.id, one.server, one.since);
    hear(at, one.last);
    set(*at, one.sessions, one.connections);
  }
}

void session_table::make_key(std::string_view directory, std::string_view id,
                             std::string_view server) {
  key_.clear();
  append_folded(key_, directory);
  key_ += separator;
  append_folded(key_, id);
  key_ += separator;
  user_end_ = key_.size();
  append_folded(key_, server);
}

session_table::place_list::iterator
session_table::add(std::string_view directory, std::string_view id,
                   std::string_view name, wall_time since) {
  if (by_silence_.size() >= options_.max_places) {
    ++made_way_;
    remove(by_silence_.begin(), since);
  }
  auto& who = *users_.try_emplace(key_.substr(0, user_end_)).first;
  if (who.second.places++ == 0)
    who.second = {std::string{directory}, std::string{id}, since, 1};
  auto [where, is_new] = servers_.try_emplace(key_.substr(user_end_));
  if (is_new)
    where->second.name = name;
  else if (where->second.users == 0)
    --idle_servers_;
  ++where->second.users;
  auto& x = by_silence_.emplace_back();
  x.key = &places_.emplace(key_, std::prev(by_silence_.end())).first->first;
  x.who = &who;
  x.where = &*where;
  return std::prev(by_silence_.end());
}

void session_table::hear(place_list::iterator x, wall_time at) {
  x->last = std::max(x->last, at);
  by_silence_.splice(by_silence_.end(), by_silence_, x);
}

void session_table::remove(place_list::iterator x, wall_time at) {
  set(*x, 0, 0);
  auto* const who = x->who;
  auto* const where = x->where;
  places_.erase(places_.find(std::string_view{*x->key}));
  by_silence_.erase(x);
  if (--who->second.places == 0)
    users_.erase(users_.find(std::string_view{who->first}));
  if (--where->second.users > 0)
    return;
  where->second.left = at;
  if (idle_servers_ < max_idle_servers)
    ++idle_servers_;
  else
    servers_.erase(servers_.find(std::string_view{where->first}));
}

void session_table::set(place& x, std::uint64_t sessions,
                        std::uint64_t connections) {
  auto& server = x.where->second;
  server.sessions += sessions - x.sessions;
  server.connections += connections - x.connections;
  x.sessions = sessions;
  x.connections = connections;
}

} // namespace signalbox
