#include "cli/sample_event.hpp"

#include "formats/event_json.hpp"
#include "messages/event.hpp"

#include <fmt/format.h>

#include <chrono>

namespace signalbox::cli {

namespace {

std::string g1_or_g2(const sample_event& x, std::string_view prefix) {
  const auto kind = kind_from_command(x.command);
  const bool connection =
    kind == event_kind::connection_open || kind == event_kind::connection_close;
  return fmt::format("/{}proxy-{}/;{};{};{};{};{};{};{}", prefix,
                     connection ? "connection" : "session", x.host, x.command,
                     x.user_directory, x.user_id, x.origin, x.context,
                     x.message);
}

std::string json(const sample_event& x) {
  event e;
  e.command = x.command;
  e.kind = kind_from_command(x.command);
  e.host = x.host;
  e.user_directory = x.user_directory;
  e.user_id = x.user_id;
  e.origin = x.origin;
  e.context = x.context;
  e.message = x.message;
  e.received = std::chrono::system_clock::now();
  e.id = id_source{x.host, e.received, 0}.next(e.received);
  std::string out;
  append_json(out, e);
  return out;
}

} // namespace

void set_user(sample_event& to, std::string_view text) {
  const auto at = text.find_first_of("\\/");
  if (at == std::string_view::npos) {
    to.user_directory.clear();
    to.user_id = text;
    return;
  }
  to.user_directory = text.substr(0, at);
  to.user_id = text.substr(at + 1);
}

std::string datagram_text(const sample_event& x, sample_format format) {
  switch (format) {
  case sample_format::g0:
    return fmt::format("{};{};{};{}", x.host, x.command, x.user_directory,
                       x.user_id);
  case sample_format::g1:
    return g1_or_g2(x, "");
  case sample_format::g2:
    return g1_or_g2(x, "qseow-");
  case sample_format::json:
    return json(x);
  }
  return {};
}

} // namespace signalbox::cli
