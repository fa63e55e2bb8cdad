#include "bench/load/samples.hpp"

#include "messages/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace signalbox::bench {

namespace {

constexpr std::size_t samples = 1000;

constexpr std::array<std::string_view, 4> browsers{
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
  "Gecko) Chrome/119.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:58.0) Gecko/20100101 "
  "Firefox/58.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
  "Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 "
  "(KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
};

/// One event.
/// @param padding Spaces in its message.
std::string datagram(wire_form form, std::size_t i, std::size_t padding) {
  const auto kind = static_cast<event_kind>(i % 4);
  const auto command = command_of(kind);
  const auto host = fmt::format("sense{}.example.com", i % 8);
  const auto context =
    fmt::format("/app/a421f4a2-c311-4ef4-ba41-{:012x}?reloaduri=https%3A%2F%2F"
                "sense.example.com%2Fhub",
                i % 50);
  // A backslash is written twice in JSON.
  const auto message =
    fmt::format("{} for user LAB{}user{}.{:{}} UserAgent: '{}'", command,
                form == wire_form::json ? R"(\\)" : R"(\)", i, "", padding,
                browsers[i % browsers.size()]);
  if (form == wire_form::json)
    return fmt::format(
      R"({{"kind":"{}","host":"{}","user":{{"directory":"LAB","id":"user{}"}},)"
      R"("origin":"AppAccess","context":"{}","message":"{}"}})",
      to_string(kind), host, i, context, message);
  const bool session =
    kind == event_kind::session_start || kind == event_kind::session_stop;
  return fmt::format("/qseow-proxy-{}/;{};{};LAB;user{};AppAccess;{};{}",
                     session ? "session" : "connection", host, command, i,
                     context, message);
}

} // namespace

std::vector<std::string> sample_datagrams(wire_form form) {
  std::vector<std::string> xs;
  for (std::size_t i = 0; i < samples; ++i)
    xs.push_back(datagram(form, i, 0));
  return xs;
}

std::vector<std::string> equal_datagrams(wire_form form) {
  auto xs = sample_datagrams(form);
  const auto longest =
    std::ranges::max(xs, {}, [](const auto& x) { return x.size(); }).size();
  for (std::size_t i = 0; i < xs.size(); ++i)
    xs[i] = datagram(form, i, longest - xs[i].size());
  return xs;
}

} // namespace signalbox::bench
