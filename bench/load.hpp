// A paced stream of user events, as Qlik Sense's proxies would send them.
#pragma once

#include "messages/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::bench {

/// Constructed G2 datagrams of about 300 bytes: 1,000 users on 8 hosts with 50
/// apps and 4 browsers, all four commands. The same on each call.
std::vector<std::string> sample_datagrams();

struct load_result {
  std::uint64_t sent = 0; ///< Datagrams that the kernel took.
  std::chrono::duration<double> took{};
};

/// Sends the samples round and round to 127.0.0.1 at `rate` a second, in bursts
/// of a millisecond's worth. A sender that falls behind catches up; one that
/// cannot is seen in `took`.
result<load_result> send_load(std::uint16_t port, std::uint64_t rate,
                              std::chrono::seconds length);

} // namespace signalbox::bench
