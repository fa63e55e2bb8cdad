// The threads of the transports.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace signalbox::net {

/// Starts a thread that no signal reaches: not those that the main thread
/// waits for, and not the SIGPIPE that a TLS library raises by writing to a
/// connection that its peer has closed.
/// @param name As seen in `top`; at most 15 characters.
std::thread start_worker(std::string name, std::function<void()> run);

} // namespace signalbox::net
