#include "cli/courier.hpp"
#include "cli/lights.hpp"
#include "cli/read_config.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;
using lights::command;
using lights::show;

struct test_options {
  std::string name;
  std::string config;
  std::string pause = "1s";
};

/// One thing to look at.
struct step {
  std::string_view words;
  command what;
};

command lit(lights::rgb color, double brightness = 1) {
  return {show::on, {color}, brightness, {}};
}

/// The colours, then what the lamp does by itself.
std::vector<step> steps_for(const lights::capabilities& can) {
  std::vector<step> out{
    {"red", lit({255, 0, 0})},
    {"green", lit({0, 255, 0})},
    {"blue", lit({0, 0, 255})},
    {"white", lit({255, 255, 255})},
    {"warm white", {show::on, *lights::parse_color("2700K"), 1, {}}},
    {"green, a tenth of the brightness", lit({0, 255, 0}, 0.1)},
    {"gliding to red", {show::fade, {{255, 0, 0}}, 1, 1s}},
  };
  if (can.blinks)
    out.push_back({"blinking red", {show::blink, {{255, 0, 0}}, 1, 1s}});
  if (can.pulses)
    out.push_back({"pulsing green", {show::pulse, {{0, 255, 0}}, 1, 1s}});
  out.push_back({"off", {}});
  return out;
}

/// What is wrong; empty if the lamp took it.
std::string tell(lights::driver& lamp, courier& way, const command& x) {
  for (auto& request : lamp.shape(x, nullptr)) {
    const auto said = lamp.judge(way.carry(std::move(request)),
                                 std::chrono::system_clock::now());
    if (said.what != outcome::delivered)
      return said.reason;
  }
  return {};
}

int complain(const std::string& words) {
  fmt::print(stderr, "signalbox lights test: {}\n", words);
  return exit_code::failed;
}

int test(const test_options& options) {
  const auto pause = config::parse_duration(options.pause);
  if (!pause || *pause < 0s || *pause > 1min) {
    complain("--pause must be from 0s to 1m");
    return exit_code::usage;
  }
  const auto ready = read_config(options.config);
  if (!ready)
    return exit_code::bad_config;
  const auto& all = ready->plan.lights;
  const auto light = std::ranges::find(all, options.name, &light_plan::name);
  if (light == all.end()) {
    std::vector<std::string_view> names;
    names.reserve(all.size());
    for (const auto& x : all)
      names.push_back(x.name);
    return complain(fmt::format("there is no light '{}'{}", options.name,
                                config::did_you_mean(options.name, names)));
  }
  net::http_client http{{1, "signalbox/" SIGNALBOX_VERSION}};
  courier way{http, light->lamp->open_transport()};
  const auto can = light->lamp->can();
  // No faster than the lamp bears, however short the pause.
  const auto gap = std::max<duration>(
    *pause, std::chrono::duration_cast<duration>(
              std::chrono::duration<double>(1 / std::max(can.max_rate, 0.1))));
  fmt::print("Light '{}' ({}). Look at it:\n", light->name, light->driver);
  for (const auto& x : steps_for(can)) {
    fmt::print("  {} ... ", x.words);
    std::fflush(stdout);
    if (const auto fault = tell(*light->lamp, way, x.what); !fault.empty()) {
      fmt::print("failed\n");
      return complain(fault);
    }
    fmt::print("ok\n");
    std::this_thread::sleep_for(gap);
  }
  fmt::print("It took every command. A running engine shows its own wish again "
             "within a minute.\n");
  return exit_code::good;
}

} // namespace

void add_lights_test(CLI::App& lights, action& chosen) {
  auto options = std::make_shared<test_options>();
  auto* command = lights.add_subcommand(
    "test", "Walk one light of the configuration through the colours");
  command->add_option("name", options->name, "The light's name")
    ->required()
    ->type_name("NAME");
  add_config_option(*command, options->config);
  command
    ->add_option("--pause", options->pause, "How long each colour is shown")
    ->type_name("TIME")
    ->capture_default_str();
  command->callback([options, &chosen] {
    chosen = [options] {
      return test(*options);
    };
  });
}

} // namespace signalbox::cli
