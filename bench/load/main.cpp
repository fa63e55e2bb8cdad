// The load generator by itself, for an engine that runs on this machine.
#include "bench/load/send_load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <string>

namespace signalbox::bench {

namespace {

int run(const load_plan& plan) {
  const auto x = send_load(plan);
  if (!x) {
    std::cerr << x.error().what << '\n';
    return 1;
  }
  using microseconds = std::chrono::duration<double, std::micro>;
  fmt::print("sent {} datagrams, {:.0f}/s, {:.2f} µs CPU each; the latest "
             "burst was {:.2f} ms late{}\n",
             x->sent, x->rate(),
             microseconds{x->cpu}.count() / static_cast<double>(x->sent),
             microseconds{x->delay}.count() / 1e3,
             held_pace(plan, *x) ? "" : "; THE PACE WAS NOT HELD");
  return 0;
}

} // namespace

} // namespace signalbox::bench

int main(int argc, char** argv) try {
  using namespace signalbox::bench;
  const std::map<std::string, wire_form> forms{{"qlik", wire_form::qlik},
                                               {"json", wire_form::json}};
  load_plan plan;
  unsigned seconds = 10;
  CLI::App app{"Sends sample events to a UDP port of this machine"};
  app.add_option("--port", plan.port, "Port on 127.0.0.1")->required();
  app.add_option("--rate", plan.rate, "Datagrams a second")
    ->required()
    ->check(CLI::Range(1U, 100'000'000U));
  app.add_option("--seconds", seconds, "How long")->capture_default_str();
  app.add_option("--form", plan.form, "qlik or json")
    ->transform(CLI::CheckedTransformer(forms));
  app.add_option("--senders", plan.senders, "Threads, each with its socket")
    ->capture_default_str();
  app.add_flag("--gso", plan.segmented,
               "Let the kernel split buffers: datagrams of one length");
  CLI11_PARSE(app, argc, argv);
  plan.length = std::chrono::seconds{seconds};
  return run(plan);
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
