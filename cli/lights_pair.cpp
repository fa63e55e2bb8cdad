#include "cli/lights.hpp"
#include "config/units.hpp"
#include "lights/hue/pairing.hpp"
#include "net/http_client.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;
namespace hue = lights::hue;

struct pair_options {
  std::string url;
  std::string name;
  std::string timeout = "30s";
};

std::string no_patience(const std::string& text) {
  const auto x = config::parse_duration(text);
  if (!x)
    return "'" + text + "' " + x.error().what;
  return *x < 1s || *x > 10min ? "'" + text + "' is not from 1s to 10m"
                               : std::string{};
}

/// To standard error: standard output is for the configuration.
void tell(std::string_view words) {
  fmt::print(stderr, "{}\n", words);
}

int give_up(std::string_view why, exit_code code = exit_code::failed) {
  fmt::print(stderr, "signalbox lights pair hue: {}\n", why);
  return code;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0)
    return {};
  return name.data();
}

mono_time now() {
  return std::chrono::steady_clock::now();
}

http_answer ask(net::http_client& http, http_request request) {
  std::promise<http_answer> promise;
  http.send(std::move(request),
            [&](http_answer x) { promise.set_value(std::move(x)); });
  return promise.get_future().get();
}

/// The key that the bridge shows now, whoever vouches for it.
http_answer first_look(net::http_client& http,
                       const hue::bridge_address& bridge) {
  http_request x;
  x.url = bridge.url;
  x.connect_only = true;
  x.direct = true;
  x.tls.verify = false;
  x.timeout = 5s;
  return ask(http, std::move(x));
}

/// Asks until it is over; tells what is going on when that changes.
hue::pairing wait_for_key(net::http_client& http,
                          const hue::bridge_address& bridge,
                          const pair_options& options) {
  hue::pairing x{bridge, options.name.empty() ? host_name() : options.name,
                 now(), *config::parse_duration(options.timeout)};
  std::string told;
  while (const auto due = x.due()) {
    std::this_thread::sleep_until(*due);
    x.hear(ask(http, x.ask(now())), now());
    if (x.where() == hue::pairing::state::asking && x.words() != told)
      tell("  " + x.words());
    told = x.words();
  }
  return x;
}

int pair_with_hue(const pair_options& options) {
  auto bridge = hue::parse_bridge(options.url);
  if (!bridge)
    return give_up("--url: " + bridge.error().what, exit_code::usage);
  net::http_client http{{1, "signalbox/" SIGNALBOX_VERSION}};
  if (bridge->speaks_v2()) {
    const auto seen = first_look(http, *bridge);
    if (seen.pin.empty())
      return give_up(seen.error);
    bridge->tls.pin = seen.pin;
    tell("Whoever answers at " + bridge->url + " shows the key\n  " + seen.pin
         + "\nand is trusted from now on (trust on first use): be sure that it "
           "is your bridge.");
  }
  tell("Press the button on the bridge within " + options.timeout + ".");
  const auto x = wait_for_key(http, *bridge, options);
  if (x.where() == hue::pairing::state::failed)
    return give_up(x.words());
  tell("Paired. Put this into the configuration; the key is a password:\n");
  const auto lamps =
    hue::lamps_of(*bridge, ask(http, hue::lamps_request(*bridge, x.key())));
  fmt::print("{}", hue::config_text(*bridge, x.key(), lamps));
  return exit_code::good;
}

} // namespace

void add_lights_pair(CLI::App& lights, action& chosen) {
  auto* pair = lights.add_subcommand(
    "pair", "Get a key from a bridge, which wants its button pressed");
  pair->require_subcommand(1);
  auto options = std::make_shared<pair_options>();
  auto* command = pair->add_subcommand(
    "hue", "Philips Hue; prints a [[light]] table on standard output");
  command->add_option("--url", options->url, "The bridge: https://192.0.2.7")
    ->required()
    ->type_name("URL");
  command
    ->add_option("--name", options->name,
                 "Who we are among the bridge's apps (default: this machine)")
    ->type_name("NAME");
  command
    ->add_option("--timeout", options->timeout, "How long to wait for somebody")
    ->capture_default_str()
    ->check(CLI::Validator{no_patience, ""})
    ->type_name("TIME");
  command->callback([options, &chosen] {
    chosen = [options] {
      return pair_with_hue(*options);
    };
  });
}

} // namespace signalbox::cli
