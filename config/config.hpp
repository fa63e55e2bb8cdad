// The configuration as plain values. Names and meanings are the file's, see
// docs/configuration.md.
#pragma once

#include "config/section.hpp"
#include "formats/wire_options.hpp"
#include "messages/clock.hpp"
#include "policy/admission.hpp"
#include "policy/match.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::config {

using namespace std::chrono_literals;

struct node_config {
  std::string name; ///< Default: the host's name.
  std::string data_dir = "./signalbox-data";
};

/// One `[[listen]]`.
struct listen_config {
  std::string name = "user-events";
  std::string host = "::"; ///< Without brackets.
  std::uint16_t port = 9997;
  wire_format format = wire_format::automatic;
  wire_encoding encoding = wire_encoding::utf8;
  unsigned workers = 1;
  std::uint64_t receive_buffer = std::uint64_t{8} << 20; ///< Bytes.
  /// CIDR blocks; absent: anyone. Never present and empty.
  std::optional<std::vector<std::string>> allow;
  std::size_t max_datagram = 65'507; ///< Bytes.

  bool operator==(const listen_config&) const = default;
};

enum class when_full : std::uint8_t { drop_oldest, drop_newest };

enum class store_kind : std::uint8_t { sqlite, memory };

struct journal_config {
  store_kind store = store_kind::sqlite;
  duration linger = 50ms; ///< 0: on disk before anyone is told.
  std::uint64_t max_bytes = std::uint64_t{4} << 30;
  duration max_age = 7 * 24h;
  std::uint64_t max_memory = std::uint64_t{64} << 20; ///< Bytes.
  when_full full = when_full::drop_oldest;

  bool operator==(const journal_config&) const = default;
};

struct apps_config {
  std::string names_file; ///< CSV; reloaded when it changes; may be empty.
  std::vector<std::pair<std::string, std::string>> table; ///< id, name.

  bool operator==(const apps_config&) const = default;
};

struct sessions_config {
  duration expire = 12h; ///< After the last event; the stop was lost.
};

struct retry_config {
  unsigned attempts = 10; ///< 0: without end, until `expire`.
  duration initial = 1s;
  duration max = 5min;
};

/// The keys that every `[[destination]]` has; the rest belongs to its kind.
struct destination_config {
  std::string name;
  std::string kind;
  match_spec match;
  std::optional<match_spec> except;
  std::optional<double> rate;        ///< Requests a second; absent: the kind's.
  std::optional<double> burst;       ///< Requests; absent: the kind's.
  std::optional<std::size_t> excess; ///< Index into digest, wait, drop.
  duration timeout = 10s;
  unsigned concurrency = 1;
  std::optional<duration> expire; ///< From receive time; absent: never.
  retry_config retry;
  bool enabled = true;
  bool from_oldest = false; ///< Where a new one begins.
  section options;          ///< The table itself, for the kind's driver.
};

/// One `[[light]]`; effects and driver keys are read by lights/.
struct light_config {
  std::string name;
  std::string driver;
  std::optional<double> max_rate; ///< Commands a second; absent: the driver's.
  section options;
};

struct admin_config {
  std::string host = "127.0.0.1"; ///< Empty: no admin interface.
  std::uint16_t port = 9796;
  secret token; ///< Required unless the host is loopback.
};

enum class log_level : std::uint8_t { error, warning, info, debug };

enum class log_format : std::uint8_t { text, json };

struct log_config {
  log_level level = log_level::info;
  log_format format = log_format::text;
};

/// Everything. Immutable after `load`.
struct configuration {
  node_config node;
  std::vector<listen_config> listen;
  admission_rules admission; ///< [[exclude]], [[limit]], [duplicates].
  journal_config journal;
  apps_config apps;
  sessions_config sessions;
  std::vector<destination_config> destinations;
  std::vector<light_config> lights;
  admin_config admin;
  log_config log;
};

} // namespace signalbox::config
