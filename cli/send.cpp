#include "cli/command.hpp"
#include "cli/sample_event.hpp"
#include "messages/event.hpp"
#include "net/udp_sender.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

// Sent at once at most: what one sendmmsg call takes.
constexpr std::size_t burst = 64;

struct send_options {
  std::string to = "127.0.0.1:9997";
  std::string kind;
  std::string user = "SIGNALBOX\\hello";
  std::string app;
  std::string file;
  std::string format = "g2";
  sample_event event;
  std::uint64_t count = 1;
  double rate = 0;
  std::uint64_t users = 1;
};

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0)
    return "localhost";
  return name.data();
}

/// "host:port", "[::1]:port".
result<std::pair<std::string, std::uint16_t>>
parse_target(const std::string& text) {
  const auto at = text.rfind(':');
  std::uint16_t port = 0;
  auto host = text.substr(0, at);
  try {
    if (at != std::string::npos) {
      const auto number = std::stoul(text.substr(at + 1));
      port = number <= 65535 ? static_cast<std::uint16_t>(number) : 0;
    }
  } catch (const std::exception&) {
    port = 0;
  }
  if (port == 0 || host.empty())
    return fail(errc::usage,
                fmt::format("--to wants HOST:PORT, not '{}'", text));
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return std::pair{host, port};
}

result<std::vector<std::string>> lines_of(const std::string& file) {
  std::ifstream opened;
  if (file != "-")
    opened.open(file, std::ios::binary);
  auto& in = file == "-" ? std::cin : opened;
  if (!in)
    return fail(errc::file, fmt::format("cannot read {}", file));
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      out.push_back(std::move(line));
  if (out.empty())
    return fail(errc::file, fmt::format("{} holds no datagrams", file));
  return out;
}

sample_format format_of(std::string_view name) {
  return name == "g0"     ? sample_format::g0
         : name == "g1"   ? sample_format::g1
         : name == "json" ? sample_format::json
                          : sample_format::g2;
}

/// The datagrams to cycle through.
result<std::vector<std::string>> datagrams_of(const send_options& options) {
  if (!options.file.empty())
    return lines_of(options.file);
  auto event = options.event;
  set_user(event, options.user);
  if (event.host.empty())
    event.host = host_name();
  if (!options.kind.empty()) {
    const auto kind = kind_from_name(options.kind);
    if (!kind || *kind == event_kind::other)
      return fail(errc::usage, fmt::format("unknown kind '{}'", options.kind));
    event.command = command_of(*kind);
  }
  if (!options.app.empty())
    event.context = "/app/" + options.app;
  std::vector<std::string> out;
  const auto id = event.user_id;
  for (std::uint64_t i = 0; i < options.users; ++i) {
    if (options.users > 1)
      event.user_id = fmt::format("{}{}", id, i + 1);
    out.push_back(datagram_text(event, format_of(options.format)));
  }
  return out;
}

/// Sends `total` datagrams at the asked-for rate; returns how many were taken.
result<std::uint64_t> send_paced(net::udp_sender& to,
                                 const std::vector<std::string>& datagrams,
                                 std::uint64_t total, double rate) {
  using clock = std::chrono::steady_clock;
  std::vector<std::string_view> next;
  std::uint64_t offered = 0;
  std::uint64_t sent = 0;
  const auto start = clock::now();
  while (offered < total) {
    auto due = total;
    if (rate > 0) {
      const std::chrono::duration<double> passed = clock::now() - start;
      due =
        std::min(total, static_cast<std::uint64_t>(passed.count() * rate) + 1);
    }
    if (due <= offered) {
      std::this_thread::sleep_for(200us);
      continue;
    }
    next.clear();
    for (; offered < due && next.size() < burst; ++offered)
      next.emplace_back(datagrams[offered % datagrams.size()]);
    auto taken = to.send(next);
    if (!taken)
      return tl::unexpected{taken.error()};
    sent += *taken;
  }
  return sent;
}

int send(const send_options& options) {
  const auto explain = [](const failure& x) {
    fmt::print(stderr, "signalbox send: {}\n", x.what);
    return x.kind == errc::usage ? exit_code::usage : exit_code::failed;
  };
  const auto target = parse_target(options.to);
  if (!target)
    return explain(target.error());
  const auto datagrams = datagrams_of(options);
  if (!datagrams)
    return explain(datagrams.error());
  auto to = net::udp_sender::connect(target->first, target->second);
  if (!to)
    return explain(to.error());
  // A file is sent once, a single event as often as asked for.
  const auto total =
    options.file.empty() ? options.count : options.count * datagrams->size();
  const auto sent = send_paced(*to, *datagrams, total, options.rate);
  if (!sent)
    return explain(sent.error());
  fmt::print("sent {} datagram{} to {}; nobody acknowledges UDP, so see "
             "'signalbox status' for what arrived\n",
             *sent, *sent == 1 ? "" : "s", options.to);
  return *sent == total ? exit_code::good : exit_code::failed;
}

} // namespace

void add_send(CLI::App& app, action& chosen) {
  auto options = std::make_shared<send_options>();
  auto& o = *options;
  auto* command = app.add_subcommand(
    "send", "Send events by hand, from a file, or as a load");
  command->add_option("--to", o.to, "Where to")
    ->type_name("HOST:PORT")
    ->capture_default_str();
  command
    ->add_option("--command", o.event.command,
                 "What happened, as Qlik Sense spells it")
    ->capture_default_str();
  command
    ->add_option("--kind", o.kind,
                 "The same by kind: session_start, session_stop, "
                 "connection_open, connection_close")
    ->excludes("--command");
  command->add_option("--host", o.event.host, "Server (default: this machine)");
  command->add_option("--user", o.user, "User, with or without a directory")
    ->type_name("DIR\\ID")
    ->capture_default_str();
  command->add_option("--origin", o.event.origin, "Origin");
  command->add_option("--context", o.event.context, "Context, a URL path");
  command->add_option("--app", o.app, "App id; sets the context")
    ->type_name("GUID")
    ->excludes("--context");
  command->add_option("--message", o.event.message, "Message");
  command->add_option("--format", o.format, "Form of the datagram")
    ->capture_default_str()
    ->check(CLI::IsMember{{"g2", "g1", "g0", "json"}})
    ->type_name("FORM");
  command
    ->add_option("--file", o.file,
                 "Send each line of a file (- for standard input) instead")
    ->type_name("FILE");
  command->add_option("--count", o.count, "How often")
    ->capture_default_str()
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command
    ->add_option("--rate", o.rate, "Datagrams a second; 0: as fast as it goes")
    ->capture_default_str()
    ->check(CLI::NonNegativeNumber);
  command->add_option("--users", o.users, "Take turns among so many user ids")
    ->capture_default_str()
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  command->callback([options, &chosen] {
    chosen = [options] {
      return send(*options);
    };
  });
}

} // namespace signalbox::cli
