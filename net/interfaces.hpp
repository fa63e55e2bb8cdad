// The networks that this machine is on.
#pragma once

#include "messages/endpoint.hpp"
#include "messages/failure.hpp"

#include <span>
#include <string>
#include <vector>

namespace signalbox::net {

/// One IPv4 address of a network interface. The port of its endpoints is 0.
struct network_interface {
  std::string name;   ///< "eth0"
  unsigned index = 0; ///< As `if_nametoindex` gives it.
  endpoint address;
  endpoint broadcast; ///< The last address of the subnet, on loopback, too.
};

/// The interfaces on which neighbours can be asked: up, with an IPv4 address,
/// able to multicast, neither loopback nor point-to-point. An interface with
/// two addresses is there twice; 16 entries at most, in the system's order.
/// @param names Only these, whatever they are, as long as they are up: the way
///   to ask on loopback. Empty: all that are fit. A name that is not there is
///   an error, which lists those that are.
result<std::vector<network_interface>>
interfaces(std::span<const std::string> names);

} // namespace signalbox::net
