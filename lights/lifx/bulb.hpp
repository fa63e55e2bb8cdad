// One LIFX lamp on the network: finds it, and tells it until it acknowledges.
#pragma once

#include "endpoints/transport.hpp"
#include "lights/lamp_address.hpp"
#include "lights/lifx/packet.hpp"
#include "net/datagram_peer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::lights::lifx {

/// Sends each request's packet up to three times, 200 ms apart, until it is
/// acknowledged. A lamp without a configured address is asked for by broadcast,
/// for half a second, after a look-up of a second at most; what was found is
/// kept until the lamp is silent.
class bulb final : public byte_writer {
public:
  static constexpr int tries = 3;
  static constexpr std::chrono::milliseconds patience{200}; ///< Of each try.

  struct options {
    mac_address mac{};                   ///< Zeros: whichever is at `address`.
    std::optional<lamp_address> address; ///< Null: ask for it.
    lamp_address everybody;              ///< Whom to ask.
    std::uint32_t source = 0;
  };

  explicit bulb(options x);

  write_answer write(const write_request& request) override;

private:
  enum class reply : std::uint8_t { none, done, unhandled };

  [[nodiscard]] std::string name() const;
  [[nodiscard]] result<lamp_address> find() const;
  result<void> open();
  [[nodiscard]] result<reply> ask(const std::string& packet);
  [[nodiscard]] result<reply> hear(ticket question, mono_time deadline);

  options options_;
  std::optional<net::datagram_peer> peer_;
};

} // namespace signalbox::lights::lifx
