// TCP and ports on 127.0.0.1.
#pragma once

#include "messages/failure.hpp"
#include "net/descriptor.hpp"

#include <cstdint>

namespace signalbox::bench {

/// @param port 0: any that is free; then tells which.
result<net::descriptor> listen_on(std::uint16_t& port);

/// Sends what it is given at once (TCP_NODELAY).
result<net::descriptor> connect_to(std::uint16_t port);

/// A port that TCP and UDP leave free, for a server that takes it a moment
/// later. Another one at each call.
result<std::uint16_t> free_port();

} // namespace signalbox::bench
