// What a lamp's reports look like in a table of expectations.
#pragma once

#include "tests/lights/configured.hpp"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::lights::test {

using lines = std::vector<std::string>;

/// "01 63 00 ff"
inline std::string hex(std::string_view bytes) {
  std::string out;
  for (const auto x : bytes)
    out += fmt::format("{}{:02x}", out.empty() ? "" : " ",
                       static_cast<unsigned char>(x));
  return out;
}

/// The reports of a command, one a line.
inline lines reports(driver& x, const command& what,
                     const command* shown = nullptr) {
  lines out;
  for (const auto& request : x.shape(what, shown))
    out.push_back(hex(std::get<write_request>(request).bytes));
  return out;
}

inline command lit(std::string_view color, double brightness = 1) {
  return {.what = show::on,
          .color = parse_color(color).value(),
          .brightness = brightness};
}

/// A fade, a blink or a pulse.
inline command moving(show what, std::string_view color, duration period) {
  auto x = lit(color);
  x.what = what;
  x.period = period;
  return x;
}

inline constexpr command dark{};

/// A lamp that is driven as its actor does it.
class driven_lamp {
public:
  /// @param keys Its table, besides its name.
  explicit driven_lamp(std::string_view keys) : lamp_(keys) {
    if (!lamp_.complaint().empty())
      throw std::invalid_argument{lamp_.complaint()};
    writer_ =
      std::get<std::unique_ptr<byte_writer>>(lamp_.it->open_transport());
  }

  /// Why it failed; empty if it did not.
  std::string show(const command& x) {
    for (const auto& request : lamp_.it->shape(x, nullptr)) {
      const auto verdict =
        lamp_.it->judge(writer_->write(std::get<write_request>(request)), {});
      if (verdict.what != outcome::delivered)
        return verdict.reason;
    }
    return {};
  }

private:
  configured lamp_;
  std::unique_ptr<byte_writer> writer_;
};

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace signalbox::lights::test
