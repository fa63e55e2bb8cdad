#include "cli/lights.hpp"
#include "config/units.hpp"
#include "destinations/json_text.hpp"
#include "lights/discovery/on_machine.hpp"
#include "lights/discovery/on_network.hpp"
#include "lights/discovery/search.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

struct list_options {
  std::string timeout = "3s";
  std::vector<std::string> interfaces;
  bool json = false;
};

std::string no_patience(const std::string& text) {
  const auto x = config::parse_duration(text);
  if (!x)
    return "'" + text + "' " + x.error().what;
  return *x < 100ms || *x > 60s ? "'" + text + "' is not from 100ms to 60s"
                                : std::string{};
}

void tell(const failure& x) {
  fmt::print(stderr, "signalbox lights list: {}\n", x.what);
}

/// "eth0 (192.0.2.2), wlan0 (198.51.100.7)"
std::string list_of(const std::vector<net::network_interface>& xs) {
  std::string out;
  for (const auto& x : xs)
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", x.name,
                       address_text(x.address));
  return out;
}

void print_json(const std::vector<lights::finding>& lamps) {
  json_text out;
  out.begin_array();
  for (const auto& x : lamps) {
    out.begin_object()
      .member("driver", x.driver)
      .member("name", x.name)
      .member("what", x.what)
      .member("where", x.where);
    out.key("settings").begin_object();
    for (const auto& [key, value, open] : x.settings)
      if (!open)
        out.member(key, value);
    out.end_object().key("open").begin_array();
    for (const auto& [key, value, open] : x.settings)
      if (open)
        out.text(key);
    out.end_array().key("remarks").begin_array();
    for (const auto& remark : x.remarks)
      out.text(remark);
    out.end_array().member("fragment", lights::fragment(x)).end_object();
  }
  out.end_array();
  fmt::print("{}\n", out.str());
}

/// Tables for the configuration, and nothing else, so that they can go into
/// a file; all other words go to standard error.
void print_fragments(const std::vector<lights::finding>& lamps) {
  for (const auto& x : lamps)
    fmt::print("{}{}", &x == lamps.data() ? "" : "\n", lights::fragment(x));
}

void explain_silence(const std::string& where) {
  fmt::print(stderr, "No lamp was found in the network. Asked on {} for:\n",
             where.empty() ? "no network" : where);
  for (const auto& x : lights::search_protocols())
    fmt::print(stderr, "  {}\n", x.asks_for);
  const lights::machine_folders machine;
  fmt::print(stderr,
             "Looked for LEDs in {}, and for GPIO chips in {}.\n"
             "Check that the lamp has power and is in the same network as this "
             "machine (guest\nnetworks are kept apart), that its app allows "
             "control in the local network, that no\nfirewall here drops UDP "
             "answers, and that --interface names the right network.\n",
             machine.leds.string(), machine.devices.string());
}

int list(const list_options& options) {
  const auto interfaces = net::interfaces(options.interfaces);
  if (!interfaces) {
    tell(interfaces.error());
    return exit_code::failed;
  }
  const auto where = list_of(*interfaces);
  auto lamps = lights::find_on_machine({});
  lights::network_findings on_network;
  if (!interfaces->empty()) {
    fmt::print(stderr, "Asking on {} for {} ...\n", where, options.timeout);
    on_network = lights::find_on_network(
      *interfaces, config::parse_duration(options.timeout).value());
  }
  const auto silent = on_network.lamps.empty();
  lamps.insert(lamps.end(), std::make_move_iterator(on_network.lamps.begin()),
               std::make_move_iterator(on_network.lamps.end()));
  lights::settle(lamps);
  for (const auto& x : on_network.troubles)
    tell(x);
  if (options.json)
    print_json(lamps);
  else
    print_fragments(lamps);
  // Whatever hangs on this machine: most people look for a lamp elsewhere.
  if (silent)
    explain_silence(where);
  return on_network.troubles.empty() ? exit_code::good : exit_code::failed;
}

} // namespace

void add_lights_list(CLI::App& lights, action& chosen) {
  auto options = std::make_shared<list_options>();
  auto* command = lights.add_subcommand(
    "list", "Find lamps in the network and on this machine, and print a table "
            "of the configuration for each");
  command
    ->add_option("--timeout", options->timeout,
                 "How long to wait for answers: 500ms, 3s")
    ->check(CLI::Validator{no_patience, ""})
    ->type_name("TIME")
    ->capture_default_str();
  command
    ->add_option("--interface", options->interfaces,
                 "Ask on this network interface only; may be repeated; lo asks "
                 "this machine itself")
    ->type_name("NAME")
    ->allow_extra_args(false);
  command->add_flag("--json", options->json, "Print as JSON");
  command->callback([options, &chosen] {
    chosen = [options] {
      return list(*options);
    };
  });
}

} // namespace signalbox::cli
