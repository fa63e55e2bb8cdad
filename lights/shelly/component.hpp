// The part of a Shelly that shines.
#pragma once

#include "lights/effect.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::lights::shelly {

/// "rgb:0": what it is, and which one of its kind.
class component {
public:
  /// "rgb", "rgbw", "light", "cct" or "switch", a colon, 0 to 199.
  static result<component> parse(std::string_view text);

  /// "RGB.Set"
  [[nodiscard]] std::string_view method() const noexcept;

  /// A JSON object for the method. A component shows what it can: a "light"
  /// has no colour, a "cct" only whites, a "switch" is on or off.
  [[nodiscard]] std::string params(const command& x) const;

  /// "rgb:0"
  [[nodiscard]] std::string name() const;

private:
  enum class kind : std::uint8_t { rgb, rgbw, light, cct, relay };

  component(kind what, unsigned id) : what_(what), id_(id) {
    // nop
  }

  kind what_;
  unsigned id_;
};

} // namespace signalbox::lights::shelly
