// What the sockets of this room share: names and addresses.
#pragma once

#include "messages/endpoint.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <netdb.h>
#include <string>

#include <netinet/in.h>

namespace signalbox::net {

/// What `getaddrinfo` found, freed with it.
using address_list = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

/// Looks up the UDP addresses of a name or literal; blocks while the resolver
/// does. The error says what is wrong with the name, without naming it.
/// @param flags Of `getaddrinfo`, for example AI_PASSIVE.
tl::expected<address_list, std::string> resolve(const std::string& host,
                                                std::uint16_t port, int flags);

/// A peer's address in the one form that `endpoint` has.
/// @param from Holds a `sockaddr_in` when its family says so.
endpoint to_endpoint(const sockaddr_in6& from) noexcept;

/// The port that a socket is bound to.
std::uint16_t port_of(int fd) noexcept;

/// "host:port", or "[host]:port" for an IPv6 literal.
std::string host_port(const std::string& host, std::uint16_t port);

/// The system's words for an `errno`.
std::string error_text(int error);

/// What it means that a datagram could not be sent.
/// @param error The `errno`.
/// @param where `host_port` of the receiver.
/// @param length Of the datagram, in bytes.
std::string udp_send_fault(int error, const std::string& where,
                           std::size_t length);

} // namespace signalbox::net
