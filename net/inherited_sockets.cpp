#include "net/inherited_sockets.hpp"

#include "net/address.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>

namespace signalbox::net {

namespace {

/// IPv6 and IPv4 "any", as `endpoint` has them: :: and ::ffff:0.0.0.0.
constexpr std::array<std::uint8_t, 16> any_ipv6{};
constexpr std::array<std::uint8_t, 16> any_ipv4{0, 0, 0,    0,    0, 0, 0, 0,
                                                0, 0, 0xff, 0xff, 0, 0, 0, 0};

constexpr auto unfit = std::numeric_limits<int>::max();

std::optional<int> option_of(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (getsockopt(fd, level, name, &value, &size) != 0)
    return std::nullopt;
  return value;
}

/// What makes a descriptor useless; empty for a bound UDP socket.
std::string_view flaw_of(int fd, const sockaddr_in6& name) {
  const auto domain = option_of(fd, SOL_SOCKET, SO_DOMAIN);
  if (!domain)
    return "not a socket";
  if (*domain != AF_INET && *domain != AF_INET6)
    return "a socket of another family than IPv4 and IPv6";
  const auto type = option_of(fd, SOL_SOCKET, SO_TYPE);
  if (type == SOCK_STREAM)
    return "a stream socket";
  if (type != SOCK_DGRAM
      || option_of(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_UDP)
    return "not a UDP socket";
  if (to_endpoint(name).port == 0)
    return "a socket without a port";
  return {};
}

bool is_ip(const sockaddr_in6& name) {
  return name.sin6_family == AF_INET || name.sin6_family == AF_INET6;
}

std::uint32_t scope_of(const sockaddr_in6& name) {
  return name.sin6_family == AF_INET6 ? name.sin6_scope_id : 0;
}

/// "127.0.0.1:9997 of signalbox.socket", as far as both are known.
std::string title(const std::string& where, const std::string& unit) {
  const auto of = unit.empty() ? "" : " of " + unit;
  return where.empty() ? "a descriptor" + of : where + of;
}

/// `getaddrinfo` gives IPv4 and IPv6 addresses, both no longer than this.
sockaddr_in6 to_name(const addrinfo& x) {
  sockaddr_in6 name{};
  std::memcpy(&name, x.ai_addr,
              std::min<std::size_t>(x.ai_addrlen, sizeof(name)));
  return name;
}

struct free_names {
  void operator()(char** x) const noexcept {
    for (auto** i = x; *i != nullptr; ++i)
      std::free(*i); // NOLINT(cppcoreguidelines-no-malloc)
    std::free(x);    // NOLINT(cppcoreguidelines-no-malloc)
  }
};

} // namespace

result<inherited_sockets> inherited_sockets::take() {
  char** names = nullptr;
  const auto count = sd_listen_fds_with_names(1, &names);
  if (count < 0)
    return fail(errc::socket, "cannot take the sockets that systemd passes "
                              "(LISTEN_FDS): "
                                + error_text(-count));
  const std::unique_ptr<char*, free_names> guard{names};
  std::vector<passed> all;
  for (auto i = 0; i < count; ++i) {
    std::string unit{names[i]};
    // The library's word for a descriptor without a name.
    if (unit == "unknown")
      unit.clear();
    all.push_back({descriptor{SD_LISTEN_FDS_START + i}, std::move(unit)});
  }
  return inherited_sockets{std::move(all)};
}

inherited_sockets::inherited_sockets(std::vector<passed> all) {
  for (auto& x : all) {
    const auto fd = x.fd.get();
    sockaddr_in6 name{};
    socklen_t size = sizeof(name);
    getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
    const auto at = to_endpoint(name);
    const auto flaw = flaw_of(fd, name);
    if (flaw.empty()) {
      const auto ipv6_only =
        option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY).value_or(0) != 0;
      sockets_.push_back(
        {std::move(x.fd), std::move(x.unit), at, scope_of(name), ipv6_only});
      continue;
    }
    const auto where =
      is_ip(name) && at.port != 0 ? host_port(address_text(at), at.port) : "";
    why_useless_.push_back(
      title(where, x.unit) + " is " + std::string{flaw}
      + ", which is of no use: pass UDP sockets only (ListenDatagram=)");
    useless_.push_back(std::move(x.fd));
  }
}

std::optional<descriptor> inherited_sockets::claim(const std::string& host,
                                                   std::uint16_t port) {
  if (sockets_.empty() || port == 0)
    return std::nullopt;
  const auto addresses = resolve(host, port, AI_PASSIVE);
  if (!addresses)
    return std::nullopt; // Whoever binds instead says why.
  for (const auto* x = addresses->get(); x != nullptr; x = x->ai_next) {
    const auto name = to_name(*x);
    const auto wanted = to_endpoint(name);
    const auto anywhere = wanted.address == any_ipv6;
    const auto fit = [&](const udp& y) {
      if (y.address.port != wanted.port)
        return unfit;
      if (y.address == wanted && y.scope == scope_of(name))
        return anywhere && y.ipv6_only ? 1 : 0;
      return anywhere && y.address.address == any_ipv4 ? 2 : unfit;
    };
    const auto best = std::min_element(
      sockets_.begin(), sockets_.end(),
      [&](const udp& a, const udp& b) { return fit(a) < fit(b); });
    if (fit(*best) == unfit)
      continue;
    auto fd = std::move(best->fd);
    sockets_.erase(best);
    return fd;
  }
  return std::nullopt;
}

std::vector<std::string> inherited_sockets::unclaimed() const {
  auto out = why_useless_;
  for (const auto& x : sockets_)
    out.push_back(
      "what arrives at "
      + title(host_port(address_text(x.address), x.address.port), x.unit)
      + " is not read: no listener has this address, or it has "
        "fewer workers than there are sockets");
  return out;
}

std::string boot_id() {
  sd_id128_t id{};
  std::array<char, SD_ID128_STRING_MAX> text{};
  if (sd_id128_get_boot(&id) < 0)
    return {};
  return sd_id128_to_string(id, text.data());
}

} // namespace signalbox::net
