#include "bench/peers/peer.hpp"

#include "bench/peers/fill_in.hpp"
#include "bench/process/wait_for.hpp"
#include "bench/sinks/tcp.hpp"

#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
namespace fs = std::filesystem;

constexpr const char* config_file = "peer.conf";
constexpr const char* output_file = "output.txt";

using command = std::vector<std::string>;

std::string read_file(const fs::path& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Where Debian's packages of an architecture have their libraries:
/// "usr/lib/x86_64-linux-gnu".
fs::path libraries(const fs::path& root) {
  for (const auto& x : fs::directory_iterator{root / "usr/lib"})
    if (x.path().filename().string().ends_with("-linux-gnu"))
      return x.path();
  return root / "usr/lib";
}

fs::path program_of(const settings& opts, std::string_view name) {
  if (name == "rsyslog")
    return opts.peer_programs / "usr/sbin/rsyslogd";
  if (name == "syslog-ng")
    return opts.peer_programs / "usr/sbin/syslog-ng";
  return opts.peer_programs / "usr/bin/node";
}

fs::path config_of(const settings& opts, std::string_view name,
                   const peer_task& task) {
  return opts.peers / name / (task.name + ".conf");
}

command command_of(const settings& opts, std::string_view name,
                   const fs::path& folder) {
  const auto program = program_of(opts, name).string();
  const auto config = (folder / config_file).string();
  const auto& root = opts.peer_programs;
  if (name == "rsyslog") {
    const auto lib = libraries(root).string();
    return {"/usr/bin/env",
            "LD_LIBRARY_PATH=" + lib,
            "RSYSLOG_MODDIR=" + lib + "/rsyslog",
            program,
            "-n",
            "-f",
            config,
            "-i",
            (folder / "pid").string()};
  }
  // syslog-ng: its modules lie in a folder named after its version.
  const auto own = root / "usr/lib/syslog-ng";
  std::string modules;
  for (const auto& x : fs::directory_iterator{own})
    if (x.is_directory())
      modules = x.path().string();
  return {"/usr/bin/env",
          fmt::format("LD_LIBRARY_PATH={}:{}", libraries(root).string(),
                      own.string()),
          program,
          "--foreground",
          "--process-mode=foreground",
          "--no-caps",
          "--cfgfile=" + config,
          "--module-path=" + modules,
          "--persist-file=" + (folder / "persist").string(),
          "--pidfile=" + (folder / "pid").string(),
          "--control=" + (folder / "control").string()};
}

/// receiver.mjs takes what it needs as arguments.
command node_command(const settings& opts, const peer_task& task,
                     std::uint16_t port, const fs::path& file) {
  command x{program_of(opts, "node").string(),
            (opts.peers / "receiver.mjs").string(), std::to_string(port),
            task.name};
  if (task.name == "file")
    x.push_back(file.string());
  else if (task.to != 0)
    x.insert(x.end(),
             {std::to_string(task.to), std::to_string(task.qos), task.payload});
  return x;
}

/// What the kernel says of a UDP socket (/proc/net/udp).
struct socket_state {
  std::uint64_t queued = 0; ///< Bytes.
  std::uint64_t dropped = 0;
};

std::optional<socket_state> state_of(std::uint16_t port) {
  const auto address = fmt::format("0100007F:{:04X}", port);
  std::ifstream table{"/proc/net/udp"};
  for (std::string line; std::getline(table, line);) {
    std::istringstream words{line};
    const std::vector<std::string> fields{
      std::istream_iterator<std::string>{words}, {}};
    if (fields.size() < 13 || fields[1] != address)
      continue;
    const auto& queues = fields[4]; // "00000000:00000000", hexadecimal
    return socket_state{std::stoull(queues.substr(9), nullptr, 16),
                        std::stoull(fields.back())};
  }
  return std::nullopt;
}

nanoseconds cpu_of_family(pid_t pid) {
  clockid_t clock{};
  timespec spent{};
  if (::clock_getcpuclockid(pid, &clock) == 0)
    ::clock_gettime(clock, &spent);
  auto sum = std::chrono::seconds{spent.tv_sec} + nanoseconds{spent.tv_nsec};
  std::error_code gone;
  for (const auto& thread :
       fs::directory_iterator{fmt::format("/proc/{}/task", pid), gone}) {
    std::ifstream children{thread.path() / "children"};
    for (pid_t x = 0; children >> x;)
      sum += cpu_of_family(x);
  }
  return sum;
}

} // namespace

bool peer::is_installed(const settings& opts, std::string_view name) {
  return !opts.peers.empty() && fs::exists(program_of(opts, name));
}

bool peer::can(const settings& opts, std::string_view name,
               const peer_task& task) {
  if (task.name.empty() || !is_installed(opts, name))
    return false;
  return name == "node"
           ? task.name != "receive_json" && task.name != "webhook_batch"
           : fs::exists(config_of(opts, name, task));
}

peer::peer(temporary_directory folder, child process, std::uint16_t port)
  : folder_(std::move(folder)), process_(std::move(process)), port_(port) {
  // nop
}

result<peer> peer::start(const settings& opts, std::string_view name,
                         const peer_task& task) {
  auto folder = temporary_directory::make(opts.work);
  if (!folder)
    return tl::unexpected(folder.error());
  const auto port = free_port();
  if (!port)
    return tl::unexpected(port.error());
  const auto& place = folder->path();
  const auto file = place / "events.ndjson";
  if (name != "node")
    std::ofstream{place / config_file}
      << fill_in(read_file(opts.peers / name / "head.conf")
                   + read_file(config_of(opts, name, task)),
                 {{"FOLDER", place.string()},
                  {"PORT", std::to_string(*port)},
                  {"PEERS", fs::absolute(opts.peers).string()},
                  {"FILE", file.string()},
                  {"TO", std::to_string(task.to)},
                  {"QOS", std::to_string(task.qos)},
                  {"PAYLOAD", task.payload}});
  auto process =
    child::exec(name == "node" ? node_command(opts, task, *port, file)
                               : command_of(opts, name, place),
                (place / output_file).string());
  if (!process)
    return tl::unexpected(process.error());
  peer x{*std::move(folder), *std::move(process), *port};
  const bool listens = wait_for(
    [&] { return state_of(*port).has_value() || !x.process_.alive(); }, 10s);
  if (!listens || !x.process_.alive())
    return fail(errc::network,
                fmt::format("{} did not start: {}", name,
                            read_file(x.folder_.path() / output_file)));
  return x;
}

nanoseconds peer::cpu() const {
  return cpu_of_family(process_.id());
}

std::uint64_t peer::kernel_dropped() const {
  const auto state = state_of(port_);
  return state ? state->dropped : 0;
}

void peer::settle() const {
  auto before = cpu();
  wait_for(
    [&] {
      std::this_thread::sleep_for(100ms);
      const auto now = cpu();
      const auto rests = now - before < 1ms;
      before = now;
      const auto state = state_of(port_);
      return rests && (!state || state->queued == 0);
    },
    20s);
}

} // namespace signalbox::bench
