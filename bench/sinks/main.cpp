// bench_sink mqtt|http|lines PORT: a sink by itself. Says on SIGTERM or SIGINT
// what it has counted.
#include "bench/sinks/sink.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <map>

int main(int argc, char** argv) try {
  using namespace signalbox::bench;
  const std::map<std::string, protocol> protocols{
    {"mqtt", take_mqtt}, {"http", take_http}, {"lines", take_lines}};
  std::string name;
  std::uint16_t port = 0;
  std::string mark;
  CLI::App app{"Counts what is delivered to it, on 127.0.0.1"};
  app.add_option("protocol", name, "mqtt, http or lines")
    ->required()
    ->check(CLI::IsMember(protocols));
  app.add_option("port", port, "0: any that is free")->required();
  app.add_option("--mark", mark, "A text that each event holds once");
  CLI11_PARSE(app, argc, argv);

  // The server's process ends with this one, which lives for the signals.
  auto running = sink::start(protocols.at(name), mark, port);
  if (!running) {
    fmt::print(stderr, "{}\n", running.error().what);
    return 1;
  }
  fmt::print("listening on {}\n", running->port());
  std::fflush(stdout);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  int number = 0;
  sigwait(&signals, &number);
  const auto& seen = running->seen();
  fmt::print(
    "messages {}, bytes {}, marks {}, CPU {} ms", seen.messages.load(),
    seen.bytes.load(), seen.marks.load(),
    std::chrono::round<std::chrono::milliseconds>(running->cpu()).count());
  if (seen.under_way.count() > 0)
    fmt::print(", under way p50 {} us, p99 {} us",
               seen.under_way.quantile(0.5).count() / 1000,
               seen.under_way.quantile(0.99).count() / 1000);
  fmt::print("\n");
  return 0;
} catch (const std::exception& problem) {
  fmt::print(stderr, "{}\n", problem.what());
  return 1;
}
