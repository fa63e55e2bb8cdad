// JSON out, through rapidjson: bodies are never pasted together.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>
#include <string_view>

namespace signalbox {

/// Writes one JSON text.
class json_text {
public:
  json_text& text(std::string_view value) {
    // rapidjson refuses null pointers, which empty views may hold.
    writer_.String(value.empty() ? "" : value.data(),
                   static_cast<rapidjson::SizeType>(value.size()));
    return *this;
  }

  json_text& key(std::string_view name) {
    return text(name);
  }

  json_text& member(std::string_view name, std::string_view value) {
    return key(name).text(value);
  }

  json_text& null() {
    writer_.Null();
    return *this;
  }

  json_text& flag(bool value) {
    writer_.Bool(value);
    return *this;
  }

  json_text& begin_object() {
    writer_.StartObject();
    return *this;
  }

  json_text& end_object() {
    writer_.EndObject();
    return *this;
  }

  json_text& begin_array() {
    writer_.StartArray();
    return *this;
  }

  json_text& end_array() {
    writer_.EndArray();
    return *this;
  }

  [[nodiscard]] std::string str() const {
    return {buffer_.GetString(), buffer_.GetSize()};
  }

private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

} // namespace signalbox
