#include "config/settings.hpp"

#include "config/address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unistd.h>
#include <utility>

namespace signalbox::config {

namespace {

std::string host_name() {
  std::array<char, 256> name{}; // HOST_NAME_MAX is 64; the last byte stays 0
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0')
    return "localhost";
  return name.data();
}

node_config read_node(section s) {
  node_config x;
  x.name = s.text("name", host_name());
  if (x.name.empty())
    s.mistake("name", "must not be empty");
  if (auto folder = s.text("data_dir"); !folder.empty())
    x.data_dir = s.path(folder);
  else if (s.has("data_dir"))
    s.mistake("data_dir", "must not be empty");
  return x;
}

constexpr duration max_linger = 1min;
constexpr duration min_session_expire = 1min;
constexpr duration max_session_expire = 30 * 24h;

std::uint64_t positive_size(section& s, std::string_view key,
                            std::uint64_t fallback) {
  auto x = s.size(key, fallback);
  if (x == 0)
    s.mistake(key, "must be more than 0");
  return x;
}

store_kind read_store(section& s) {
  const auto kind = s.choice("store", 0, {"sqlite", "memory", "jetstream"});
  if (kind < 2)
    return static_cast<store_kind>(kind);
  s.mistake("store", s.shown("store")
                       + " is not available in this version; \"sqlite\" and "
                         "\"memory\" are");
  return {};
}

journal_config read_journal(section s) {
  journal_config x;
  x.store = read_store(s);
  s.unavailable("jetstream");
  x.linger = s.time("linger", x.linger);
  if (x.linger < 0ns || x.linger > max_linger)
    s.mistake("linger", "must be from 0s to 1m");
  x.max_bytes = positive_size(s, "max_bytes", x.max_bytes);
  x.max_age = positive_time(s, "max_age", x.max_age);
  x.max_memory = positive_size(s, "max_memory", x.max_memory);
  x.full = static_cast<when_full>(
    s.choice("when_full", 0, {"drop_oldest", "drop_newest"}));
  return x;
}

apps_config read_apps(section s) {
  apps_config x;
  if (auto file = s.text("names"); !file.empty())
    x.names_file = s.path(file);
  x.table = s.table_of_texts("table");
  return x;
}

sessions_config read_sessions(section s) {
  sessions_config x;
  x.expire = s.time("expire", x.expire);
  if (x.expire < min_session_expire || x.expire > max_session_expire)
    s.mistake("expire", "must be from 1m to 30d");
  return x;
}

admin_config read_admin(section s) {
  admin_config x;
  x.token = s.secret_text("token");
  auto listen = s.text("listen", "127.0.0.1:9796");
  if (listen.empty()) {
    x.host.clear();
    return x;
  }
  auto where = parse_address(listen);
  if (!where) {
    s.mistake("listen", s.shown("listen") + " " + where.error().what);
    return x;
  }
  x.host = where->host;
  x.port = where->port;
  if (!is_loopback(x.host) && x.token.empty())
    s.mistake("listen", s.shown("listen")
                          + " can be reached from other machines: set "
                            "'token' or 'token_file', too");
  return x;
}

log_config read_log(section s) {
  log_config x;
  x.level = static_cast<log_level>(
    s.choice("level", 2, {"error", "warning", "info", "debug"}));
  x.format = static_cast<log_format>(s.choice("format", 0, {"text", "json"}));
  return x;
}

light_config read_light(section s, std::vector<std::string>& taken) {
  light_config x{.name = required_name(s, taken),
                 .driver = s.text("driver"),
                 .max_rate = std::nullopt,
                 .options = s};
  s.selected_by("driver");
  s.require("driver");
  if (auto rate = s.rate("max_rate", 0); rate > 0)
    x.max_rate = rate;
  s.unavailable("node");
  return x;
}

} // namespace

duration positive_time(section& s, std::string_view key, duration fallback) {
  auto x = s.time(key, fallback);
  if (x <= duration::zero())
    s.mistake(key, "must be longer than 0s");
  return x;
}

std::string unique_name(section& s, std::string fallback,
                        std::vector<std::string>& taken) {
  auto name = s.text("name", std::move(fallback));
  if (name.empty())
    s.mistake("name", "must not be empty");
  else if (std::find(taken.begin(), taken.end(), name) != taken.end())
    s.mistake("name", s.shown("name") + " is there twice; names must differ");
  taken.push_back(name);
  return name;
}

std::string required_name(section& s, std::vector<std::string>& taken) {
  constexpr std::size_t most = 64;
  auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
  };
  auto safe = [&](char c) {
    return letter_or_digit(c) || c == '_' || c == '.' || c == '-';
  };
  s.require("name");
  auto name = s.text("name");
  if (name.empty())
    return name;
  if (name.size() > most || !letter_or_digit(name.front())
      || !std::all_of(name.begin(), name.end(), safe))
    s.mistake("name", "must be up to 64 letters, digits, '_', '.' or '-', "
                      "the first a letter or a digit");
  return unique_name(s, {}, taken);
}

configuration read_settings(section root) {
  root.unavailable("cluster");
  configuration x;
  x.node = read_node(root.table("node"));
  x.listen = read_listeners(root);
  x.admission = read_admission(root);
  x.journal = read_journal(root.table("journal"));
  x.apps = read_apps(root.table("apps"));
  x.sessions = read_sessions(root.table("sessions"));
  x.destinations = read_destinations(root);
  std::vector<std::string> lights;
  for (auto& s : root.tables("light"))
    x.lights.push_back(read_light(s, lights));
  x.admin = read_admin(root.table("admin"));
  x.log = read_log(root.table("log"));
  return x;
}

} // namespace signalbox::config
