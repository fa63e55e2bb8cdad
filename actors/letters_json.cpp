#include "actors/letters_json.hpp"

#include "formats/event_json.hpp"
#include "policy/plain_text.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

namespace signalbox {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t answer_characters = 300;

void put(json_writer& w, std::string_view text) {
  w.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put(json_writer& w, const char* key, std::string_view text) {
  w.Key(key);
  put(w, text);
}

// Sanitised once, when it came in; but it was in a file since.
void put_answer(json_writer& w, const std::string& x) {
  put(w, "answer", one_line(x, answer_characters));
}

void put(json_writer& w, const dead_letter& x) {
  w.StartObject();
  w.Key("id");
  w.Uint64(x.id);
  put(w, "destination", x.destination);
  put(w, "reason", to_string(x.reason));
  put_answer(w, x.answer);
  put(w, "buried", to_rfc3339(x.buried));
  w.Key("attempts");
  w.Uint(x.attempts);
  w.Key("history");
  w.StartArray();
  for (const auto& one : x.history) {
    w.StartObject();
    put(w, "at", to_rfc3339(one.at));
    put_answer(w, one.answer);
    w.EndObject();
  }
  w.EndArray();
  w.Key("requested");
  w.Bool(x.requested);
  w.Key("events");
  w.Uint64(x.events);
  if (x.what != nullptr) {
    put(w, "event_id", to_string(x.what->id));
    std::string event;
    append_json(event, *x.what);
    w.Key("event");
    w.RawValue(event.data(), event.size(), rapidjson::kObjectType);
  } else {
    w.Key("event_id");
    w.Null();
    w.Key("event");
    w.Null();
  }
  w.EndObject();
}

} // namespace

std::string letter_json(const dead_letter& x) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  put(w, x);
  return {out.GetString(), out.GetSize()};
}

std::string letters_json(const letter_page& x, std::size_t most_bytes) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  w.Key("total");
  w.Uint64(x.total);
  w.Key("letters");
  w.StartArray();
  for (const auto& one : x.letters) {
    if (out.GetSize() > most_bytes)
      break;
    put(w, one);
  }
  w.EndArray();
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

} // namespace signalbox
