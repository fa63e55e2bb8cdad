#include "config/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <system_error>

namespace signalbox::config {

namespace {

struct unit {
  std::string_view name;
  long double factor;
};

constexpr std::array duration_units{unit{"ms", 1e6L}, unit{"s", 1e9L},
                                    unit{"m", 60e9L}, unit{"h", 3600e9L},
                                    unit{"d", 86'400e9L}};

constexpr std::array size_units{unit{"", 1.0L},
                                unit{"B", 1.0L},
                                unit{"KiB", 1024.0L},
                                unit{"MiB", 1024.0L * 1024},
                                unit{"GiB", 1024.0L * 1024 * 1024},
                                unit{"TiB", 1024.0L * 1024 * 1024 * 1024}};

constexpr std::array rate_units{unit{"/s", 1.0L}, unit{"/m", 1.0L / 60},
                                unit{"/h", 1.0L / 3600}};

/// How one kind of quantity is written, for its errors.
struct notation {
  std::string_view noun;
  std::string_view samples;
  std::span<const unit> units;
};

constexpr notation duration_notation{
  "duration", R"("250ms", "10s", "5m", "12h" or "7d")", duration_units};
constexpr notation size_notation{"size", R"("64KiB", "8MiB" or "4GiB")",
                                 size_units};
constexpr notation rate_notation{"rate", R"("1/s", "60/m" or "3600/h")",
                                 rate_units};

tl::unexpected<failure> wrong(const notation& how, std::string_view why) {
  std::string text{"is no "};
  text.append(how.noun).append(": ").append(why);
  text.append("; write it like ").append(how.samples);
  return fail(errc::bad_config, std::move(text));
}

/// The number times its unit's factor; neither negative, infinite nor spaced.
result<long double> parse(std::string_view text, const notation& how) {
  if (text.empty())
    return wrong(how, "it is empty");
  if (text.find_first_of(" \t\r\n") != std::string_view::npos)
    return wrong(how, "it has a space in it");
  if (text.front() == '-')
    return wrong(how, "it is negative");
  auto digits_end = text.find_first_not_of("0123456789.");
  auto digits = text.substr(0, digits_end);
  auto name = digits_end == std::string_view::npos ? std::string_view{}
                                                   : text.substr(digits_end);
  long double number = 0;
  const auto* last = digits.data() + digits.size();
  auto [end, error] =
    std::from_chars(digits.data(), last, number, std::chars_format::fixed);
  if (error == std::errc::result_out_of_range)
    return wrong(how, "it is too large");
  if (error != std::errc{} || end != last)
    return wrong(how, "it does not start with a number");
  for (const auto& x : how.units)
    if (x.name == name)
      return number * x.factor;
  return wrong(how,
               name.empty() ? "its unit is missing" : "its unit is unknown");
}

} // namespace

result<duration> parse_duration(std::string_view text) {
  auto x = parse(text, duration_notation);
  if (!x)
    return tl::unexpected(x.error());
  constexpr auto limit = std::numeric_limits<duration::rep>::max();
  if (*x >= static_cast<long double>(limit))
    return wrong(duration_notation, "it is too large");
  return duration{static_cast<duration::rep>(std::round(*x))};
}

result<std::uint64_t> parse_size(std::string_view text) {
  auto x = parse(text, size_notation);
  if (!x)
    return tl::unexpected(x.error());
  // Offsets in files are signed, and so are TOML's integers.
  constexpr auto limit = std::numeric_limits<std::int64_t>::max();
  if (*x >= static_cast<long double>(limit))
    return wrong(size_notation, "it is too large");
  return static_cast<std::uint64_t>(std::round(*x));
}

result<double> parse_rate(std::string_view text) {
  auto x = parse(text, rate_notation);
  if (!x)
    return tl::unexpected(x.error());
  auto value = static_cast<double>(*x);
  if (!std::isfinite(value))
    return wrong(rate_notation, "it is too large");
  if (value <= 0)
    return wrong(rate_notation, "it must be more than 0");
  return value;
}

} // namespace signalbox::config
