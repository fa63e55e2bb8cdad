#include "lights/effect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace signalbox::lights {

namespace {

struct named_color {
  std::string_view name;
  rgb value;
};

// Names as in CSS, for the colours that a lamp can tell apart and as an LED
// shows them: green is #00ff00 here, not CSS's dark #008000. The whites are
// those of black bodies of 2,700 K and 7,500 K.
constexpr std::array table{
  named_color{"amber", {0xff, 0xbf, 0x00}},
  named_color{"aqua", {0x00, 0xff, 0xff}},
  named_color{"black", {0x00, 0x00, 0x00}},
  named_color{"blue", {0x00, 0x00, 0xff}},
  named_color{"chartreuse", {0x7f, 0xff, 0x00}},
  named_color{"cool_white", {0xeb, 0xee, 0xff}},
  named_color{"coral", {0xff, 0x7f, 0x50}},
  named_color{"crimson", {0xdc, 0x14, 0x3c}},
  named_color{"cyan", {0x00, 0xff, 0xff}},
  named_color{"fuchsia", {0xff, 0x00, 0xff}},
  named_color{"gold", {0xff, 0xd7, 0x00}},
  named_color{"green", {0x00, 0xff, 0x00}},
  named_color{"indigo", {0x4b, 0x00, 0x82}},
  named_color{"lavender", {0xb5, 0x7e, 0xff}},
  named_color{"lime", {0x00, 0xff, 0x00}},
  named_color{"magenta", {0xff, 0x00, 0xff}},
  named_color{"off", {0x00, 0x00, 0x00}},
  named_color{"orange", {0xff, 0x80, 0x00}},
  named_color{"pink", {0xff, 0x69, 0xb4}},
  named_color{"purple", {0x80, 0x00, 0xff}},
  named_color{"red", {0xff, 0x00, 0x00}},
  named_color{"salmon", {0xfa, 0x80, 0x72}},
  named_color{"sky_blue", {0x00, 0xbf, 0xff}},
  named_color{"spring_green", {0x00, 0xff, 0x7f}},
  named_color{"teal", {0x00, 0x80, 0x80}},
  named_color{"tomato", {0xff, 0x63, 0x47}},
  named_color{"turquoise", {0x40, 0xe0, 0xd0}},
  named_color{"violet", {0x8f, 0x00, 0xff}},
  named_color{"warm_white", {0xff, 0xa7, 0x57}},
  named_color{"white", {0xff, 0xff, 0xff}},
  named_color{"yellow", {0xff, 0xff, 0x00}},
};

static_assert(std::ranges::is_sorted(table, {}, &named_color::name));

constexpr auto names = [] {
  std::array<std::string_view, table.size()> xs;
  std::ranges::transform(table, xs.begin(), &named_color::name);
  return xs;
}();

std::string lower(std::string_view x) {
  std::string out{x};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::optional<rgb> parse_hex(std::string_view digits) {
  std::uint32_t value = 0;
  const auto* end = digits.data() + digits.size();
  auto [rest, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != 6 || error != std::errc{} || rest != end)
    return std::nullopt;
  return rgb{static_cast<std::uint8_t>(value >> 16),
             static_cast<std::uint8_t>(value >> 8),
             static_cast<std::uint8_t>(value)};
}

} // namespace

std::string to_hex(rgb x) {
  return fmt::format("#{:02x}{:02x}{:02x}", x.r, x.g, x.b);
}

std::optional<rgb> parse_color(std::string_view text) {
  if (text.starts_with('#'))
    return parse_hex(text.substr(1));
  auto name = lower(text);
  auto i = std::ranges::lower_bound(table, name, {}, &named_color::name);
  if (i == table.end() || i->name != name)
    return std::nullopt;
  return i->value;
}

std::span<const std::string_view> color_names() noexcept {
  return names;
}

std::string_view to_string(show x) noexcept {
  switch (x) {
  case show::on:
    return "on";
  case show::blink:
    return "blink";
  case show::pulse:
    return "pulse";
  case show::fade:
    return "fade";
  default:
    return "off";
  }
}

} // namespace signalbox::lights
