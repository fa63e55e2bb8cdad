// Lamps on the lines of a GPIO chip: one a colour, on or off.
#include "lights/driver.hpp"

#include "lights/gpio/line_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <variant>

namespace signalbox::lights {

driver_ptr make_gpio(config::section& options);

namespace {

constexpr std::int64_t highest_offset = 65'535;

// Which part of a colour a line shows.
using channel = std::uint8_t rgb::*;

struct gpio_places {
  line_request lines;
  std::vector<channel> shown; ///< In the order of the lines.
};

class gpio_lamp final : public driver {
public:
  explicit gpio_lamp(gpio_places places) : places_(std::move(places)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 100};
  }

  transport_choice open_transport() override {
    return std::make_unique<line_writer>(places_.lines, open_lines);
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    const auto c = x.what == show::off ? rgb{} : x.color.mix;
    // At least half as bright as the brightest: dark red is still red.
    const auto brightest = std::max({c.r, c.g, c.b});
    std::string values;
    for (const auto part : places_.shown)
      values += c.*part > 0 && 2 * c.*part >= brightest ? '1' : '0';
    return {write_request{std::move(values)}};
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    return judge_write(std::get<write_answer>(answer));
  }

private:
  gpio_places places_;
};

} // namespace

driver_ptr make_gpio(config::section& options) {
  gpio_places places;
  places.lines.chip = options.text("chip", "/dev/gpiochip0");
  places.lines.active_low = options.flag("active_low", false);
  auto& offsets = places.lines.offsets;
  constexpr std::array<std::pair<const char*, channel>, 3> keys{
    {{"red", &rgb::r}, {"green", &rgb::g}, {"blue", &rgb::b}}};
  for (const auto& [key, color] : keys) {
    const auto offset =
      static_cast<unsigned>(options.integer(key, 0, 0, highest_offset));
    if (!options.has(key))
      continue;
    if (std::ranges::find(offsets, offset) != offsets.end())
      options.mistake(key, "is the line of another colour, too");
    offsets.push_back(offset);
    places.shown.push_back(color);
  }
  if (offsets.empty())
    options.mistake("red", "is missing: give the offset of at least one line, "
                           "'red', 'green' or 'blue'");
  if (!options.good())
    return nullptr;
  return std::make_unique<gpio_lamp>(std::move(places));
}

} // namespace signalbox::lights
