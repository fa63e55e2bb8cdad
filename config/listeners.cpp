#include "config/address.hpp"
#include "config/settings.hpp"

#include <algorithm>
#include <cstddef>

namespace signalbox::config {

namespace {

/// More than the kernel's counters (32-bit, doubled) can hold is a slip.
constexpr std::uint64_t max_receive_buffer = std::uint64_t{1} << 30;
constexpr std::int64_t max_workers = 64;
constexpr std::int64_t max_udp_payload = 65'507; // RFC 768 over IPv4

void read_address(section& s, listen_config& x,
                  const std::vector<listen_config>& before) {
  auto text = s.text("address", "[::]:9997");
  auto where = parse_address(text);
  if (!where)
    return s.mistake("address", s.shown("address") + " " + where.error().what);
  x.host = where->host;
  x.port = where->port;
  auto same = [&x](const listen_config& other) {
    return x.port != 0 && x.port == other.port && x.host == other.host;
  };
  if (std::any_of(before.begin(), before.end(), same))
    s.mistake("address", s.shown("address")
                           + " is there twice; use 'workers' for "
                             "several sockets on one port");
}

std::optional<std::vector<std::string>> read_allow(section& s) {
  auto networks = s.texts("allow");
  if (!s.has("allow"))
    return std::nullopt;
  if (networks.empty())
    s.mistake("allow", "an empty list would let nobody in; leave the key out "
                       "to let anyone in");
  for (std::size_t i = 0; i < networks.size(); ++i)
    if (auto good = check_network(networks[i]); !good)
      s.mistake("allow", i, "'" + networks[i] + "' " + good.error().what);
  return networks;
}

listen_config read_listener(section& s,
                            const std::vector<listen_config>& before,
                            std::vector<std::string>& names) {
  listen_config x;
  auto nth = before.size() + 1;
  x.name = unique_name(
    s, nth == 1 ? x.name : x.name + "-" + std::to_string(nth), names);
  read_address(s, x, before);
  x.format =
    static_cast<wire_format>(s.choice("format", 0, {"auto", "qlik", "json"}));
  x.encoding = static_cast<wire_encoding>(
    s.choice("encoding", 0, {"utf8", "windows-1252"}));
  x.workers = static_cast<unsigned>(s.integer("workers", 1, 1, max_workers));
  x.receive_buffer = s.size("receive_buffer", x.receive_buffer);
  if (x.receive_buffer == 0 || x.receive_buffer > max_receive_buffer)
    s.mistake("receive_buffer", "must be more than 0 and at most 1GiB");
  x.allow = read_allow(s);
  x.max_datagram = static_cast<std::size_t>(
    s.integer("max_datagram", max_udp_payload, 1, max_udp_payload));
  return x;
}

} // namespace

std::vector<listen_config> read_listeners(section& root) {
  std::vector<listen_config> out;
  std::vector<std::string> names;
  for (auto& s : root.tables("listen"))
    out.push_back(read_listener(s, out, names));
  if (out.empty())
    out.emplace_back();
  return out;
}

} // namespace signalbox::config
