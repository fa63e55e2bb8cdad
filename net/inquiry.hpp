// Questions to everybody on a network, by UDP: the multicast and broadcast
// searches by which devices are found.
#pragma once

#include "messages/clock.hpp"
#include "messages/endpoint.hpp"
#include "messages/failure.hpp"
#include "net/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::net {

/// Whom a question is for.
struct audience {
  std::string group; ///< An IPv4 group; empty: the interface's broadcast.
  std::uint16_t port = 0;
  int hops = 1; ///< IP_MULTICAST_TTL; 1 stays on the link.
};

/// What one protocol asks on one interface, and how it takes the answers. It
/// holds no socket: `inquire` calls it.
class inquiry {
public:
  virtual ~inquiry() = default;

  [[nodiscard]] virtual audience to() const = 0;

  /// The datagrams to send in a round, the first of which is 0; each begins a
  /// sixth of the time after the one before. May be empty.
  virtual std::vector<std::string> questions(unsigned round) = 0;

  /// Takes one datagram that came back. It can be from anybody.
  virtual void hear(const endpoint& from, std::string_view bytes) = 0;
};

/// Whether a question to everybody is put in this round: in the first, and once
/// more after a third of the time, as UDP loses things. The other rounds are
/// for what answers left open.
constexpr bool asks_everybody(unsigned round) {
  return round == 0 || round == 2;
}

struct inquiry_place {
  network_interface at;
  inquiry* what = nullptr; ///< Outlives the call.
};

struct inquiry_bounds {
  /// For all rounds together, answers included.
  duration time;
  /// Of each inquiry; what comes later is not heard.
  std::size_t max_answers = 4'096;
};

/// Asks all at the same time, each from a socket of its own on a port of the
/// system's choice, to which the answers come. Blocks for the time, or until
/// each inquiry has all the answers it may have. A datagram of more than 9,000
/// bytes (RFC 6762, section 17) is dropped.
/// @returns What could not be asked, and why.
std::vector<failure> inquire(std::span<const inquiry_place> places,
                             const inquiry_bounds& bounds);

} // namespace signalbox::net
