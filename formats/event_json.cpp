#include "formats/event_json.hpp"

#include "formats/ascii.hpp"
#include "formats/json_appender.hpp"

namespace signalbox {

namespace {

void put(json_appender& to, std::string_view name, std::string_view x) {
  to.key(name);
  to.text(x);
}

void put_if_any(json_appender& to, std::string_view name, std::string_view x) {
  if (!x.empty())
    put(to, name, x);
}

void put_flag(json_appender& to, std::string_view name, bool x) {
  if (!x)
    return;
  to.key(name);
  to.flag(true);
}

void put_number(json_appender& to, std::string_view name, std::uint64_t x) {
  if (x == 0)
    return;
  to.key(name);
  to.number(x);
}

/// Of ids, times and addresses.
void put_plain(json_appender& to, std::string_view name, std::string_view x) {
  to.key(name);
  to.plain_text(x);
}

template <std::size_t size>
void put_plain(json_appender& to, std::string_view name,
               const std::array<char, size>& x) {
  put_plain(to, name, std::string_view{x.data(), x.size()});
}

struct named_text {
  std::string_view name;
  std::string_view text;
};

/// An object of texts, left out when none of them is there.
void write_group(json_appender& to, std::string_view name,
                 std::initializer_list<named_text> texts) {
  if (std::ranges::all_of(texts, &std::string_view::empty, &named_text::text))
    return;
  to.key(name);
  to.begin_object();
  for (const auto& x : texts)
    put_if_any(to, x.name, x.text);
  to.end_object();
}

void write_attributes(json_appender& to, std::span<const attribute> xs) {
  if (xs.empty())
    return;
  to.key("attributes");
  to.begin_object();
  for (const auto& x : xs) {
    to.escaped_key(x.name);
    to.text(x.value);
  }
  to.end_object();
}

void write_event(json_appender& to, const event& x) {
  to.begin_object();
  put_plain(to, "kind", to_string(x.kind));
  put_if_any(to, "command", x.command);
  put_if_any(to, "host", x.host);
  write_group(to, "user", {{"directory", x.user_directory}, {"id", x.user_id}});
  put_if_any(to, "origin", x.origin);
  put_if_any(to, "context", x.context);
  put_if_any(to, "message", x.message);
  write_group(to, "app", {{"id", x.app_id}, {"name", x.app_name}});
  write_group(to, "user_agent",
              {{"text", x.user_agent},
               {"browser", x.browser},
               {"browser_major", x.browser_major},
               {"os", x.os},
               {"os_version", x.os_version}});
  put_plain(to, "time", text_of(x.sent.value_or(x.received)));
  if (x.sent)
    put_plain(to, "received", text_of(x.received));
  put_plain(to, "id", text_of(x.id));
  put_if_any(to, "external_id", x.external_id);
  put_number(to, "row", x.row_number);
  if (x.source != endpoint{})
    put_plain(to, "sender", address_text(x.source));
  put_flag(to, "ambiguous", x.ambiguous);
  put_flag(to, "replayed", x.replayed);
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
  json_appender to{out};
  write_event(to, x);
}

void append_sos_json(std::string& out, const event& x) {
  json_appender to{out};
  to.begin_object();
  put(to, "messageType", "user-event");
  put(to, "host", x.host);
  put(to, "command", x.command);
  put(to, "userDir", x.user_directory);
  put(to, "userId", x.user_id);
  put(to, "origin", x.origin);
  put(to, "context", x.context);
  put(to, "message", x.message);
  to.key("tags");
  to.begin_array();
  for (const auto& tag : x.attributes) {
    to.begin_object();
    put(to, "name", tag.name);
    put(to, "value", tag.value);
    to.end_object();
  }
  to.end_array();
  put_if_any(to, "appId", x.app_id);
  put_if_any(to, "appName", x.app_name);
  put_if_any(to, "uaBrowserName", x.browser);
  put_if_any(to, "uaBrowserMajorVersion", x.browser_major);
  put_if_any(to, "uaOsName", x.os);
  put_if_any(to, "uaOsVersion", x.os_version);
  to.end_object();
}

void append_cloudevent(std::string& out, const event& x) {
  json_appender to{out};
  to.begin_object();
  put_plain(to, "specversion", "1.0");
  put_plain(to, "id", text_of(x.id));
  put_plain(to, "source", source_uri(x.host));
  put_plain(to, "type", std::string{"signalbox."}.append(to_string(x.kind)));
  put_plain(to, "time", text_of(x.sent.value_or(x.received)));
  put_plain(to, "datacontenttype", "application/json");
  to.key("data");
  write_event(to, x);
  to.end_object();
}

} // namespace signalbox
