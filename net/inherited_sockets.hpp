// UDP sockets that outlive the process: systemd binds and holds them, passes
// them to each process that it starts (sd_listen_fds(3), systemd.socket(5)),
// and what arrives in between waits in them.
#pragma once

#include "messages/endpoint.hpp"
#include "messages/failure.hpp"
#include "net/descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::net {

/// The sockets that were passed and that no listener has claimed yet. They are
/// closed with this object, in this process only: systemd keeps its own.
class inherited_sockets {
public:
  struct passed {
    descriptor fd;
    std::string unit; ///< That it comes from, `FileDescriptorName=`; or empty.
  };

  /// Takes what systemd passed; nothing if it passed nothing, or not to us.
  /// Call it once, before there are threads: it clears environment variables.
  static result<inherited_sockets> take();

  explicit inherited_sockets(std::vector<passed> all);

  /// The socket that is bound to a listener's address, or nothing. Several
  /// sockets of one address (`ReusePort=`, for workers) are given one by one.
  ///
  /// The address must be the same, of the same family. Only for "::", which
  /// serves both families, the next best will do, in this order: a socket on
  /// [::] that serves IPv6 only, then one on 0.0.0.0.
  /// @param host As in `udp_options`; a name is looked up.
  /// @param port 0, any free one, is never passed.
  std::optional<descriptor> claim(const std::string& host, std::uint16_t port);

  /// What nobody has claimed, each in words for the log: UDP sockets that no
  /// listener has the address of, and what is of no use at all.
  [[nodiscard]] std::vector<std::string> unclaimed() const;

private:
  struct udp {
    descriptor fd;
    std::string unit;
    endpoint address;
    std::uint32_t scope = 0; ///< The interface of a link-local address.
    bool ipv6_only = false;
  };

  std::vector<udp> sockets_;
  std::vector<descriptor> useless_;
  std::vector<std::string> why_useless_;
};

/// Names the machine's time since it booted, in 32 hexadecimal digits; empty
/// where that is unknown. A socket's cookie is unique only within it.
std::string boot_id();

} // namespace signalbox::net
