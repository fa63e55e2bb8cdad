#include "lights/lamp_address.hpp"

#include "endpoints/url.hpp"

namespace signalbox::lights {

std::optional<lamp_address> read_address(config::section& options,
                                         std::string_view key,
                                         std::uint16_t default_port) {
  const auto text = options.text(key);
  if (text.empty()) {
    if (options.has(key))
      options.require(key);
    return std::nullopt;
  }
  const auto parts = parse_url("lamp://" + text);
  if (!parts || !parts->username.empty() || !parts->target.empty()) {
    options.mistake(key, options.shown(key)
                           + " is not an address: write a name or an IP "
                             "address, and a port only if it is not "
                           + std::to_string(default_port)
                           + R"( ("192.168.0.20", "[fd00::20]:)"
                           + std::to_string(default_port) + "\")");
    return std::nullopt;
  }
  return lamp_address{parts->host,
                      parts->port == 0 ? default_port : parts->port};
}

} // namespace signalbox::lights
