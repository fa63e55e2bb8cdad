#include "tests/fuzz/wire.hpp"

#include "formats/event_json.hpp"
#include "tests/formats/batch.hpp"
#include "tests/fuzz/require.hpp"

#include <array>
#include <optional>

namespace signalbox::fuzz {

namespace {

constexpr std::array texts{
  &event::command,    &event::host,       &event::user_directory,
  &event::user_id,    &event::origin,     &event::context,
  &event::message,    &event::app_id,     &event::app_name,
  &event::user_agent, &event::browser,    &event::browser_major,
  &event::os,         &event::os_version, &event::external_id,
};

/// The parser is gone when this returns: events must not need its buffers.
std::optional<reject> parse(const datagram_batch& wire, wire_format format,
                            wire_encoding encoding, event_batch& out) {
  wire_parser parser{{format, encoding, nullptr, nullptr},
                     id_source{"fuzz", {}, 0}};
  return parser.parse(wire, wire.items.front(), out);
}

std::size_t check_text(const event& x) {
  std::size_t size = 0;
  for (const auto text : texts) {
    require_clean(x.*text);
    size += (x.*text).size();
  }
  for (const auto& a : x.attributes) {
    require_clean(a.name);
    require_clean(a.value);
    size += a.name.size() + a.value.size();
  }
  return size;
}

void check_round_trip(const event& x) {
  // What was written of the engine's own comes back as attributes, for which
  // there must be room.
  if (x.attributes.size() > 100)
    return;
  std::string json;
  append_json(json, x);
  const auto wire = test::make_batch({json});
  event_batch out{wire};
  require(!parse(*wire, wire_format::json, wire_encoding::utf8, out),
          "our own JSON is read");
  const auto& y = out.events.front();
  for (const auto text : texts) {
    if (text != &event::external_id)
      require(x.*text == y.*text, "our own JSON is read as it was written");
  }
  require(x.kind == y.kind, "the kind comes back");
  std::string other;
  append_cloudevent(other, x);
  append_sos_json(other, x);
}

} // namespace

void check_datagram(std::string_view input, wire_format format,
                    wire_encoding encoding) {
  const auto wire = test::make_batch({input});
  event_batch out{wire};
  const auto why = parse(*wire, format, encoding, out);
  require(why.has_value() == out.events.empty(), "a reject or an event");
  if (why)
    require(!why->detail.empty(), "a reject says why");
  std::size_t size = 0;
  for (const auto& x : out.events) {
    size += check_text(x);
    require(!x.host.empty() && !x.command.empty(), "host and command exist");
    check_round_trip(x);
  }
  // Cleaning triples a byte at most; app id and user agent are said twice; a
  // nested unknown member gains the name of the object around it.
  require(size <= std::size_t{9} * input.size(), "text does not grow");
}

} // namespace signalbox::fuzz
