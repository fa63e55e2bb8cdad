#include "bench/sinks/mosquitto.hpp"

#include "bench/process/wait_for.hpp"
#include "bench/sinks/tcp.hpp"

#include <fmt/format.h>

#include <fstream>
#include <unistd.h>
#include <utility>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

/// Debian puts it where only administrators look.
constexpr const char* program = "/usr/sbin/mosquitto";

} // namespace

mosquitto_broker::mosquitto_broker(temporary_directory folder, child process,
                                   std::uint16_t port)
  : folder_(std::move(folder)), process_(std::move(process)), port_(port) {
  // nop
}

result<mosquitto_broker>
mosquitto_broker::start(const std::filesystem::path& work) {
  auto folder = temporary_directory::make(work);
  if (!folder)
    return tl::unexpected(folder.error());
  const auto port = free_port();
  if (!port)
    return tl::unexpected(port.error());
  const auto config = folder->path() / "mosquitto.conf";
  std::ofstream{config} << fmt::format("listener {} 127.0.0.1\n"
                                       "allow_anonymous true\n"
                                       "set_tcp_nodelay true\n"
                                       "log_type error\n",
                                       *port)
                        // As root it would become a user of its own.
                        << (::geteuid() == 0 ? "user root\n" : "");
  auto process = child::exec({program, "-c", config.string()},
                             (folder->path() / "output.txt").string());
  if (!process)
    return tl::unexpected(process.error());
  const bool listens = wait_for(
    [&] { return connect_to(*port).has_value() || !process->alive(); }, 10s);
  if (!listens || !process->alive())
    return fail(errc::network, "mosquitto did not start");
  return mosquitto_broker{*std::move(folder), *std::move(process), *port};
}

} // namespace signalbox::bench
