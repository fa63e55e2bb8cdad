// What a lamp's reports look like in a table of expectations.
#pragma once

#include "tests/lights/configured.hpp"

#include <fmt/format.h>

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

inline command repeating(show what, std::string_view color, duration period) {
  auto x = on(color);
  x.what = what;
  x.period = period;
  return x;
}

} // namespace signalbox::lights::test
