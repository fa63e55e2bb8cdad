#include "lights/color.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace signalbox::lights {

namespace {

struct named_color {
  std::string_view name;
  rgb value;
  std::uint16_t kelvin = 0;
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
  named_color{"cool_white", {0xeb, 0xee, 0xff}, 7500},
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
  named_color{"warm_white", {0xff, 0xa7, 0x57}, 2700},
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

/// All of `text` as a number.
template <class T, class... Base>
std::optional<T> parse_number(std::string_view text, Base... base) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base...);
  if (error != std::errc{} || rest != end)
    return std::nullopt;
  return value;
}

std::optional<color> parse_hex(std::string_view digits) {
  const auto value = parse_number<std::uint32_t>(digits, 16);
  if (digits.size() != 6 || !value)
    return std::nullopt;
  return color{rgb{static_cast<std::uint8_t>(*value >> 16),
                   static_cast<std::uint8_t>(*value >> 8),
                   static_cast<std::uint8_t>(*value)}};
}

std::string_view trimmed(std::string_view x) {
  const auto first = x.find_first_not_of(' ');
  if (first == std::string_view::npos)
    return {};
  return x.substr(first, x.find_last_not_of(' ') - first + 1);
}

/// "2700k"
std::optional<color> parse_kelvin(std::string_view text) {
  const auto value =
    parse_number<std::uint16_t>(text.substr(0, text.size() - 1));
  if (!value || *value < lowest_kelvin || *value > highest_kelvin)
    return std::nullopt;
  return color{rgb_of_kelvin(*value), *value};
}

/// "xy(0.17, 0.70)"
std::optional<color> parse_xy(std::string_view text) {
  text.remove_prefix(3);
  text.remove_suffix(1);
  const auto comma = text.find(',');
  if (comma == std::string_view::npos)
    return std::nullopt;
  const auto x = parse_number<double>(trimmed(text.substr(0, comma)));
  const auto y = parse_number<double>(trimmed(text.substr(comma + 1)));
  // The triangle that holds every chromaticity.
  if (!x || !y || !(*x >= 0) || !(*y > 0) || !(*x + *y <= 1))
    return std::nullopt;
  const chromaticity point{*x, *y};
  return color{rgb_of_xy(point), 0, point};
}

double to_linear(std::uint8_t part) {
  const auto c = part / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

std::uint8_t to_byte(double c) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(c, 0.0, 1.0) * 255));
}

std::uint8_t from_linear(double c) {
  return to_byte(c <= 0.0031308 ? c * 12.92
                                : 1.055 * std::pow(c, 1 / 2.4) - 0.055);
}

/// The brightest sRGB of a chromaticity; what is outside of sRGB's triangle
/// loses its negative parts.
rgb brightest(chromaticity at) {
  const auto x = at.x / at.y;
  const auto z = (1 - at.x - at.y) / at.y;
  auto r = std::max(0.0, 3.2406 * x - 1.5372 - 0.4986 * z);
  auto g = std::max(0.0, -0.9689 * x + 1.8758 + 0.0415 * z);
  auto b = std::max(0.0, 0.0557 * x - 0.2040 + 1.0570 * z);
  const auto most = std::max({r, g, b});
  return {from_linear(r / most), from_linear(g / most), from_linear(b / most)};
}

double cross(chromaticity a, chromaticity b) {
  return a.x * b.y - a.y * b.x;
}

chromaticity minus(chromaticity a, chromaticity b) {
  return {a.x - b.x, a.y - b.y};
}

double distance(chromaticity a, chromaticity b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// The point of the line from `a` to `b` that is nearest to `p`.
chromaticity nearest_on(chromaticity a, chromaticity b, chromaticity p) {
  const auto edge = minus(b, a);
  const auto way = minus(p, a);
  const auto part = std::clamp((way.x * edge.x + way.y * edge.y)
                                 / (edge.x * edge.x + edge.y * edge.y),
                               0.0, 1.0);
  return {a.x + part * edge.x, a.y + part * edge.y};
}

} // namespace

std::string to_hex(rgb x) {
  return fmt::format("#{:02x}{:02x}{:02x}", x.r, x.g, x.b);
}

rgb scaled(rgb x, double brightness) {
  return {to_byte(x.r / 255.0 * brightness), to_byte(x.g / 255.0 * brightness),
          to_byte(x.b / 255.0 * brightness)};
}

std::optional<color> parse_color(std::string_view text) {
  if (text.starts_with('#'))
    return parse_hex(text.substr(1));
  const auto name = lower(text);
  if (name.starts_with("xy(") && name.ends_with(')'))
    return parse_xy(name);
  if (!name.empty() && name.front() >= '0' && name.front() <= '9'
      && name.ends_with('k'))
    return parse_kelvin(name);
  const auto i = std::ranges::lower_bound(table, name, {}, &named_color::name);
  if (i == table.end() || i->name != name)
    return std::nullopt;
  return color{i->value, i->kelvin};
}

std::span<const std::string_view> color_names() noexcept {
  return names;
}

rgb rgb_of_kelvin(std::uint16_t kelvin) {
  // The Planckian locus by cubic splines (Kim et al., US patent 7024034),
  // which hold from 1,667 K to 25,000 K.
  const auto t = 1e3 / std::max<double>(kelvin, 1667);
  const auto x =
    kelvin <= 4000
      ? ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
      : ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390;
  const auto y =
    kelvin <= 2222
      ? ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    : kelvin <= 4000
      ? ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
      : ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483;
  return brightest({x, y});
}

rgb rgb_of_xy(chromaticity x) {
  return brightest(x);
}

hsv hsv_of(rgb x) {
  const auto r = x.r / 255.0;
  const auto g = x.g / 255.0;
  const auto b = x.b / 255.0;
  const auto most = std::max({r, g, b});
  const auto span = most - std::min({r, g, b});
  if (span <= 0)
    return {0, 0, most};
  auto sixth = most == r   ? (g - b) / span
               : most == g ? 2 + (b - r) / span
                           : 4 + (r - g) / span;
  if (sixth < 0)
    sixth += 6;
  return {sixth * 60, span / most, most};
}

chromaticity xy_of(rgb color) {
  const auto r = to_linear(color.r);
  const auto g = to_linear(color.g);
  const auto b = to_linear(color.b);
  const auto x = .664511 * r + .154324 * g + .162028 * b;
  const auto y = .283881 * r + .668433 * g + .047685 * b;
  const auto z = .000088 * r + .072310 * g + .986039 * b;
  const auto sum = x + y + z;
  if (sum <= 0)
    return {};
  return {x / sum, y / sum};
}

chromaticity clamped(chromaticity x, const gamut& within) {
  const auto& [r, g, b] = within;
  const auto side = [&](chromaticity from, chromaticity to) {
    return cross(minus(to, from), minus(x, from)) >= 0;
  };
  // All corners of the gamuts run counter-clockwise: red, green, blue.
  if (side(r, g) && side(g, b) && side(b, r))
    return x;
  const std::array edges{nearest_on(r, g, x), nearest_on(g, b, x),
                         nearest_on(b, r, x)};
  return *std::ranges::min_element(
    edges, {}, [&](chromaticity p) { return distance(p, x); });
}

} // namespace signalbox::lights
