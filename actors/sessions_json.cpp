#include "actors/status_json.hpp"
#include "formats/event_json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(json_writer& w, std::string_view text) {
  w.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put(json_writer& w, const char* key, std::string_view value) {
  w.Key(key);
  put(w, value);
}

void put(json_writer& w, const char* key, std::uint64_t value) {
  w.Key(key);
  w.Uint64(value);
}

void put(json_writer& w, const active_user& x) {
  w.StartObject();
  put(w, "directory", x.directory);
  put(w, "id", x.id);
  w.Key("servers");
  w.StartArray();
  for (const auto& server : x.servers)
    put(w, server);
  w.EndArray();
  put(w, "sessions", x.sessions);
  put(w, "connections", x.connections);
  put(w, "since", to_rfc3339(x.since));
  w.EndObject();
}

} // namespace

std::string sessions_json(const session_picture& x, std::size_t most_users) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "total", x.users.size());
  w.Key("servers");
  w.StartObject();
  for (const auto& server : x.servers) {
    if (server.users == 0)
      continue;
    w.Key(server.name.data(),
          static_cast<rapidjson::SizeType>(server.name.size()));
    w.Uint64(server.users);
  }
  w.EndObject();
  put(w, "sessions", x.sessions);
  put(w, "connections", x.connections);
  put(w, "expired", x.expired);
  put(w, "made_way", x.made_way);
  w.Key("users");
  w.StartArray();
  for (std::size_t i = 0; i < std::min(most_users, x.users.size()); ++i)
    put(w, x.users[i]);
  w.EndArray();
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

} // namespace signalbox
