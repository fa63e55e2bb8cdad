#include "storage/session_file.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <chrono>
#include <cstdint>

namespace signalbox::storage {

namespace {

using simdjson::dom::element;

constexpr std::uint64_t version = 1;

// More than anybody has; sums of these cannot overflow.
constexpr std::uint64_t most = 1'000'000'000;

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(json_writer& to, const char* key, std::string_view value) {
  to.Key(key);
  to.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void put(json_writer& to, const char* key, std::uint64_t value) {
  to.Key(key);
  to.Uint64(value);
}

void put(json_writer& to, const char* key, wall_time value) {
  to.Key(key);
  to.Int64(value.time_since_epoch().count());
}

void put(json_writer& to, const session_snapshot::place& x) {
  to.StartObject();
  put(to, "directory", x.directory);
  put(to, "id", x.id);
  put(to, "since", x.since);
  put(to, "server", x.server);
  put(to, "sessions", std::min(x.sessions, most));
  put(to, "connections", std::min(x.connections, most));
  put(to, "last", x.last);
  to.EndObject();
}

// simdjson's exceptions stay inside `parse_session_json`.
std::string name(const element& of, std::string_view key) {
  const std::string_view x = of[key].get_string();
  if (x.size() > session_table::max_name)
    throw simdjson::simdjson_error{simdjson::STRING_ERROR};
  return std::string{x};
}

std::uint64_t count(const element& of, std::string_view key) {
  const std::uint64_t x = of[key].get_uint64();
  if (x > most)
    throw simdjson::simdjson_error{simdjson::NUMBER_OUT_OF_RANGE};
  return x;
}

wall_time time(const element& of, std::string_view key) {
  const std::int64_t x = of[key].get_int64();
  // Differences of times must not overflow: those of a clock are not negative.
  if (x < 0)
    throw simdjson::simdjson_error{simdjson::NUMBER_OUT_OF_RANGE};
  return wall_time{std::chrono::nanoseconds{x}};
}

session_snapshot::place read_place(const element& x) {
  return {name(x, "directory"), name(x, "id"),        time(x, "since"),
          name(x, "server"),    count(x, "sessions"), count(x, "connections"),
          time(x, "last")};
}

} // namespace

std::string session_json(const session_snapshot& x) {
  rapidjson::StringBuffer out;
  json_writer to{out};
  to.StartObject();
  put(to, "version", version);
  put(to, "next", x.next);
  to.Key("places");
  to.StartArray();
  for (const auto& one : x.places)
    put(to, one);
  to.EndArray();
  to.Key("idle_servers");
  to.StartArray();
  for (const auto& one : x.idle_servers) {
    to.StartObject();
    put(to, "name", one.name);
    put(to, "left", one.left);
    to.EndObject();
  }
  to.EndArray();
  to.EndObject();
  return {out.GetString(), out.GetSize()};
}

result<session_snapshot> parse_session_json(std::string_view text) try {
  simdjson::dom::parser parser;
  const element root = parser.parse(text.data(), text.size());
  if (const std::uint64_t found = root["version"]; found != version)
    return fail(errc::malformed,
                fmt::format("it is of version {}, and this engine reads {}",
                            found, version));
  session_snapshot out;
  out.next = root["next"].get_uint64();
  for (const auto x : root["places"].get_array())
    out.places.push_back(read_place(x));
  for (const auto x : root["idle_servers"].get_array())
    out.idle_servers.push_back({name(x, "name"), time(x, "left")});
  return out;
} catch (const simdjson::simdjson_error& e) {
  return fail(errc::malformed, fmt::format("it is damaged: {}", e.what()));
}

} // namespace signalbox::storage
