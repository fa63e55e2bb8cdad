#include "formats/event_json.hpp"

#include "formats/ascii.hpp"

#include <rapidjson/writer.h>

namespace signalbox {

namespace {

/// What rapidjson calls an output stream, over the caller's string.
struct string_stream {
  using Ch = char;

  std::string& out;

  void Put(char x) { // NOLINT(readability-identifier-naming)
    out += x;
  }

  void Flush() { // NOLINT(readability-identifier-naming)
    // nop
  }
};

/// JSON that leaves out what is empty.
class json_writer {
public:
  explicit json_writer(std::string& out) : stream_{out}, writer_(stream_) {
    // nop
  }

  void begin_object() {
    writer_.StartObject();
  }

  void end_object() {
    writer_.EndObject();
  }

  void begin_array() {
    writer_.StartArray();
  }

  void end_array() {
    writer_.EndArray();
  }

  void key(std::string_view x) {
    writer_.Key(x.data(), length(x));
  }

  void text(std::string_view x) {
    // Absent text may have no address, which rapidjson does not take.
    writer_.String(x.empty() ? "" : x.data(), length(x));
  }

  void member(std::string_view name, std::string_view x) {
    key(name);
    text(x);
  }

  void optional_member(std::string_view name, std::string_view x) {
    if (!x.empty())
      member(name, x);
  }

  void optional_flag(std::string_view name, bool x) {
    if (!x)
      return;
    key(name);
    writer_.Bool(true);
  }

  void optional_number(std::string_view name, std::uint64_t x) {
    if (x == 0)
      return;
    key(name);
    writer_.Uint64(x);
  }

private:
  static rapidjson::SizeType length(std::string_view x) {
    return static_cast<rapidjson::SizeType>(x.size());
  }

  string_stream stream_;
  rapidjson::Writer<string_stream> writer_;
};

struct named_text {
  std::string_view name;
  std::string_view text;
};

/// An object of texts, left out when none of them is there.
void write_group(json_writer& to, std::string_view name,
                 std::initializer_list<named_text> texts) {
  if (std::ranges::all_of(texts, &std::string_view::empty, &named_text::text))
    return;
  to.key(name);
  to.begin_object();
  for (const auto& x : texts)
    to.optional_member(x.name, x.text);
  to.end_object();
}

void write_attributes(json_writer& to, std::span<const attribute> xs) {
  if (xs.empty())
    return;
  to.key("attributes");
  to.begin_object();
  for (const auto& x : xs)
    to.member(x.name, x.value);
  to.end_object();
}

void write_event(json_writer& to, const event& x) {
  to.begin_object();
  to.member("kind", to_string(x.kind));
  to.optional_member("command", x.command);
  to.optional_member("host", x.host);
  write_group(to, "user", {{"directory", x.user_directory}, {"id", x.user_id}});
  to.optional_member("origin", x.origin);
  to.optional_member("context", x.context);
  to.optional_member("message", x.message);
  write_group(to, "app", {{"id", x.app_id}, {"name", x.app_name}});
  write_group(to, "user_agent",
              {{"text", x.user_agent},
               {"browser", x.browser},
               {"browser_major", x.browser_major},
               {"os", x.os},
               {"os_version", x.os_version}});
  to.member("time", to_rfc3339(x.sent.value_or(x.received)));
  if (x.sent)
    to.member("received", to_rfc3339(x.received));
  to.member("id", to_string(x.id));
  to.optional_member("external_id", x.external_id);
  to.optional_number("row", x.row_number);
  if (x.source != endpoint{})
    to.member("sender", address_text(x.source));
  to.optional_flag("ambiguous", x.ambiguous);
  to.optional_flag("replayed", x.replayed);
  write_attributes(to, x.attributes);
  to.end_object();
}

/// A URI reference (RFC 3986) that names the host.
std::string source_uri(std::string_view host) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string uri = "/qlik-sense/";
  for (const auto c : host) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_') {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += hex[byte >> 4];
      uri += hex[byte & 0xF];
    }
  }
  return uri;
}

} // namespace

void append_json(std::string& out, const event& x) {
  json_writer to{out};
  write_event(to, x);
}

void append_sos_json(std::string& out, const event& x) {
  json_writer to{out};
  to.begin_object();
  to.member("messageType", "user-event");
  to.member("host", x.host);
  to.member("command", x.command);
  to.member("userDir", x.user_directory);
  to.member("userId", x.user_id);
  to.member("origin", x.origin);
  to.member("context", x.context);
  to.member("message", x.message);
  to.key("tags");
  to.begin_array();
  for (const auto& tag : x.attributes) {
    to.begin_object();
    to.member("name", tag.name);
    to.member("value", tag.value);
    to.end_object();
  }
  to.end_array();
  to.optional_member("appId", x.app_id);
  to.optional_member("appName", x.app_name);
  to.optional_member("uaBrowserName", x.browser);
  to.optional_member("uaBrowserMajorVersion", x.browser_major);
  to.optional_member("uaOsName", x.os);
  to.optional_member("uaOsVersion", x.os_version);
  to.end_object();
}

void append_cloudevent(std::string& out, const event& x) {
  json_writer to{out};
  to.begin_object();
  to.member("specversion", "1.0");
  to.member("id", to_string(x.id));
  to.member("source", source_uri(x.host));
  to.member("type", std::string{"signalbox."}.append(to_string(x.kind)));
  to.member("time", to_rfc3339(x.sent.value_or(x.received)));
  to.member("datacontenttype", "application/json");
  to.key("data");
  write_event(to, x);
  to.end_object();
}

} // namespace signalbox
