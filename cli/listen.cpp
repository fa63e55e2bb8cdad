#include "cli/command.hpp"
#include "cli/read_config.hpp"
#include "formats/event_json.hpp"
#include "formats/wire_parser.hpp"
#include "net/udp_socket.hpp"
#include "policy/plain_text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t shown_characters = 400;

volatile std::sig_atomic_t interrupted = 0;

struct listen_options {
  std::string config;
  std::uint16_t port = 0;
  std::uint64_t count = 0;
  bool json = false;
};

void show(const datagram_batch& batch, const datagram& x,
          const event_batch& events, const std::optional<reject>& why,
          bool json) {
  if (!json)
    fmt::print("{}  {} bytes from {}\n  {}\n", to_rfc3339(x.received), x.length,
               address_text(x.source),
               one_line(batch.text_of(x), shown_characters));
  std::string text;
  for (const auto& e : events.events) {
    text.clear();
    append_json(text, e);
    fmt::print("{}{}{}\n", json ? "" : "  = ", text,
               e.ambiguous && !json ? "  (ambiguous)" : "");
  }
  if (why && json)
    fmt::print("{{\"rejected\":\"{}\",\"detail\":\"{}\"}}\n",
               to_string(why->why), why->detail);
  else if (why)
    fmt::print("  ! rejected, {}: {}\n", to_string(why->why), why->detail);
  std::fflush(stdout);
}

int listen(const listen_options& options) {
  auto ready = read_config(options.config);
  if (!ready)
    return exit_code::bad_config;
  auto& plan = ready->plan.listeners.front();
  if (options.port != 0)
    plan.socket.port = options.port;
  auto socket = net::udp_socket::bind(plan.socket);
  if (!socket) {
    fmt::print(stderr, "signalbox listen: {}\n", socket.error().what);
    return exit_code::failed;
  }
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  fmt::print(stderr,
             "listening on port {}; nothing is delivered; Ctrl-C ends\n",
             socket->port());
  wire_parser parser{plan.formats,
                     id_source{"listen", std::chrono::system_clock::now(), 0}};
  std::uint64_t seen = 0;
  while (interrupted == 0 && (options.count == 0 || seen < options.count)) {
    auto batch = socket->receive(100ms);
    if (!batch) {
      fmt::print(stderr, "signalbox listen: {}\n", batch.error().what);
      return exit_code::failed;
    }
    if (!*batch)
      continue;
    for (const auto& x : (*batch)->items) {
      event_batch events{*batch};
      const auto why = parser.parse(**batch, x, events);
      show(**batch, x, events, why, options.json);
      ++seen;
    }
  }
  return exit_code::good;
}

} // namespace

void add_listen(CLI::App& app, action& chosen) {
  auto options = std::make_shared<listen_options>();
  auto* command = app.add_subcommand(
    "listen", "Only print what arrives, and how it is understood");
  add_config_option(*command, options->config);
  command->add_option("--port", options->port,
                      "UDP port, instead of the "
                      "first listener's");
  command
    ->add_option("--count", options->count,
                 "End after so many datagrams; 0: never")
    ->capture_default_str();
  command->add_flag("--json", options->json, "Print events as JSON only");
  command->callback([options, &chosen] {
    chosen = [options] {
      return listen(*options);
    };
  });
}

} // namespace signalbox::cli
