#include "net/interfaces.hpp"

#include "net/address.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <memory>

#include <net/if.h>
#include <netinet/in.h>

namespace signalbox::net {

namespace {

constexpr std::size_t max_interfaces = 16;

using interface_list = std::unique_ptr<ifaddrs, decltype(&freeifaddrs)>;

bool is_usable(const ifaddrs& x) {
  return x.ifa_addr != nullptr && x.ifa_netmask != nullptr
         && x.ifa_addr->sa_family == AF_INET && (x.ifa_flags & IFF_UP) != 0;
}

bool has_neighbours(unsigned flags) {
  return (flags & IFF_MULTICAST) != 0
         && (flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) == 0;
}

in_addr ipv4_of(const sockaddr& x) {
  sockaddr_in v4{};
  std::memcpy(&v4, &x, sizeof(v4));
  return v4.sin_addr;
}

endpoint endpoint_of(in_addr x) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr = x;
  sockaddr_in6 any{};
  std::memcpy(&any, &v4, sizeof(v4));
  return to_endpoint(any);
}

network_interface to_interface(const ifaddrs& x) {
  const auto address = ipv4_of(*x.ifa_addr);
  const auto mask = ipv4_of(*x.ifa_netmask);
  return {.name = x.ifa_name,
          .index = if_nametoindex(x.ifa_name),
          .address = endpoint_of(address),
          .broadcast = endpoint_of({address.s_addr | ~mask.s_addr})};
}

bool holds(std::span<const std::string> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// "eth0, lo"
std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& x : names)
    out += (out.empty() ? "" : ", ") + x;
  return out.empty() ? "none" : out;
}

} // namespace

result<std::vector<network_interface>>
interfaces(std::span<const std::string> names) {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0)
    return fail(errc::network,
                "cannot list the network interfaces: " + error_text(errno));
  const interface_list list{first, &freeifaddrs};
  std::vector<network_interface> found;
  std::vector<std::string> present;
  for (const auto* x = first; x != nullptr; x = x->ifa_next) {
    if (!is_usable(*x))
      continue;
    if (!holds(present, x->ifa_name))
      present.emplace_back(x->ifa_name);
    const auto wanted =
      names.empty() ? has_neighbours(x->ifa_flags) : holds(names, x->ifa_name);
    if (wanted && found.size() < max_interfaces)
      found.push_back(to_interface(*x));
  }
  for (const auto& name : names)
    if (!holds(present, name))
      return fail(errc::network,
                  "there is no interface '" + name
                    + "' that is up and has an IPv4 address; there are: "
                    + list_of(present));
  return found;
}

} // namespace signalbox::net
