#include "lights/led/led_files.hpp"

#include "lights/device_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace signalbox::lights {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t full = 255;

struct shine {
  std::array<std::uint32_t, 3> color; ///< 0 to 255.
  std::uint32_t level;                ///< 0 to 255.
};

/// A share of `max`; something, if it is a share of something.
std::uint32_t share(std::uint32_t part, std::uint32_t max) {
  if (part == 0)
    return 0;
  return std::max<std::uint32_t>(
    1,
    static_cast<std::uint32_t>((std::uint64_t{part} * max + full / 2) / full));
}

std::uint8_t byte(std::string_view x, std::size_t i) {
  return static_cast<std::uint8_t>(x[i]);
}

/// A file of the kernel, which is a page at most. Empty if there is none.
std::string content_of(const fs::path& file) {
  std::string text(4096, '\0');
  std::ifstream in{file, std::ios::binary};
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

result<void> put(const fs::path& file, const std::string& text) {
  const auto out = ::open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (out < 0)
    return fail(errc::file, access_trouble(file.string(), errno));
  const auto written = ::write(out, text.data(), text.size());
  const auto error = errno;
  ::close(out);
  if (written == static_cast<ssize_t>(text.size()))
    return {};
  return fail(errc::file, access_trouble(file.string(), error));
}

std::string no_led_at(const fs::path& led) {
  std::string others;
  std::error_code error;
  std::size_t left = 8;
  for (fs::directory_iterator i{led.parent_path(), error}, end;
       !error && i != end && left > 0; i.increment(error), --left)
    others +=
      (others.empty() ? "; there are: " : ", ") + i->path().filename().string();
  return fmt::format("there is no LED at {}{}", led.string(), others);
}

/// The highest brightness of an LED that nothing else controls any more.
result<std::uint32_t> take(const fs::path& led) {
  const auto text = content_of(led / "max_brightness");
  std::uint32_t max = 0;
  std::from_chars(text.data(), text.data() + text.size(), max);
  if (max == 0)
    return fail(errc::file, no_led_at(led));
  // Writing "none" darkens it: only if something else is chosen.
  const auto trigger = content_of(led / "trigger");
  if (!trigger.empty() && trigger.find("[none]") == std::string::npos)
    if (auto done = put(led / "trigger", "none"); !done)
      return tl::unexpected{std::move(done.error())};
  return max;
}

result<void> set_brightness(const fs::path& led, std::uint32_t value) {
  return put(led / "brightness", fmt::format("{}", value));
}

result<void> show_single(const fs::path& led, std::uint32_t part) {
  const auto max = take(led);
  if (!max)
    return tl::unexpected{max.error()};
  return set_brightness(led, share(part, *max));
}

result<void> show_multicolor(const fs::path& led, const std::string& index,
                             const shine& x) {
  const auto max = take(led);
  if (!max)
    return tl::unexpected{max.error()};
  // "red green blue", in the order of the LED's makers.
  std::string intensities;
  std::istringstream names{index};
  for (std::string name; names >> name;) {
    constexpr std::array known{"red", "green", "blue"};
    const auto i =
      static_cast<std::size_t>(std::ranges::find(known, name) - known.begin());
    intensities +=
      fmt::format("{}{}", intensities.empty() ? "" : " ",
                  i < known.size() ? share(x.color.at(i), *max) : 0);
  }
  if (auto done = put(led / "multi_intensity", intensities); !done)
    return done;
  return set_brightness(led, share(x.level, *max));
}

result<void> show(const led_places& places, const shine& x) {
  const auto lit = [&](std::uint32_t part) {
    return share(part, x.level);
  };
  if (!places.all.empty()) {
    if (const auto index = content_of(places.all / "multi_index");
        !index.empty())
      return show_multicolor(places.all, index, x);
    return show_single(places.all, lit(std::ranges::max(x.color)));
  }
  for (std::size_t i = 0; i < places.each.size(); ++i)
    if (!places.each.at(i).empty())
      if (auto done = show_single(places.each.at(i), lit(x.color.at(i))); !done)
        return done;
  return {};
}

} // namespace

std::string led_bytes(std::uint8_t red, std::uint8_t green, std::uint8_t blue,
                      std::uint8_t level) {
  std::string out;
  for (const auto x : {red, green, blue, level})
    out += static_cast<char>(x);
  return out;
}

led_files::led_files(led_places places) : places_(std::move(places)) {
  // nop
}

write_answer led_files::write(const write_request& request) {
  const auto& x = request.bytes;
  if (x.size() != 4)
    return {"not a colour for an LED"};
  const auto done =
    show(places_, {{byte(x, 0), byte(x, 1), byte(x, 2)}, byte(x, 3)});
  return {done ? std::string{} : done.error().what};
}

} // namespace signalbox::lights
