// How listeners get their sockets.
#include "actors/supervisor.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace signalbox {

namespace {

std::string address_of(const net::udp_options& x) {
  if (x.host.find(':') == std::string::npos)
    return fmt::format("{}:{}", x.host, x.port);
  return fmt::format("[{}]:{}", x.host, x.port);
}

std::string name_of(const net::udp_socket& x) {
  static const auto boot = net::boot_id();
  return fmt::format("{}/{}", boot, x.cookie());
}

ingest_plan plan_of(const listener_plan& x, const net::udp_options& options,
                    net::udp_socket socket) {
  ingest_plan out;
  out.status.name = x.name;
  out.status.address = address_of(options);
  out.status.receive_buffer = socket.receive_buffer();
  out.status.asked_buffer = options.receive_buffer;
  out.socket_name = name_of(socket);
  out.socket = std::make_shared<net::udp_socket>(std::move(socket));
  return out;
}

/// Takes sockets that were passed, as many as there are; binds them if none is:
/// beside one that systemd holds, a socket of our own would fail or take its
/// share of the datagrams.
result<bound_listener> open(const listener_plan& plan,
                            net::inherited_sockets& inherited,
                            const ledger* former) {
  bound_listener bound{plan, {}, {}, {}};
  auto options = plan.socket;
  bool is_held = false;
  for (unsigned worker = 0; worker < plan.workers; ++worker) {
    auto fd = inherited.claim(options.host, options.port);
    if (!fd && is_held) {
      spdlog::warn("listener '{}': {} of {} sockets were passed", plan.name,
                   worker, plan.workers);
      break;
    }
    is_held = fd.has_value();
    auto socket = fd ? net::udp_socket::adopt(std::move(*fd), options)
                     : net::udp_socket::bind(options);
    if (!socket)
      return tl::unexpected{socket.error()};
    options.port = socket->port(); // With port 0 all workers share one.
    if (is_held && former != nullptr) {
      const auto seen = former->socket_drops.find(name_of(*socket));
      socket->drops_seen_before(seen == former->socket_drops.end()
                                  ? 0
                                  : static_cast<std::uint32_t>(seen->second));
    }
    if (is_held)
      spdlog::info("listener '{}': its socket was passed to us", plan.name);
    bound.sockets.push_back(plan_of(plan, options, std::move(*socket)));
  }
  return bound;
}

} // namespace

result<bound_listener> bind_listener(const listener_plan& plan) {
  net::inherited_sockets none{{}};
  return open(plan, none, nullptr);
}

result<std::vector<bound_listener>>
bind_listeners(const engine_plan& plan, net::inherited_sockets& inherited,
               const ledger* former) {
  std::vector<bound_listener> out;
  for (const auto& x : plan.listeners) {
    auto bound = open(x, inherited, former);
    if (!bound)
      return tl::unexpected{bound.error()};
    out.push_back(std::move(*bound));
  }
  return out;
}

} // namespace signalbox
