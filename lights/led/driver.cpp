// LEDs of the Linux LED class: of boards, cases, keyboards.
#include "lights/driver.hpp"

#include "lights/command_values.hpp"
#include "lights/led/led_files.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace signalbox::lights {

driver_ptr make_led(config::section& options);

namespace {

constexpr auto* folder = "/sys/class/leds";

/// The engine makes it blink: the kernel's trigger "timer" could do it for one
/// LED, but not for three in step.
class led_lamp final : public driver {
public:
  explicit led_lamp(led_places places) : places_(std::move(places)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 100};
  }

  transport_choice open_transport() override {
    return std::make_unique<led_files>(places_);
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    if (x.what == show::off)
      return {write_request{led_bytes(0, 0, 0, 0)}};
    const auto c = x.color.mix;
    const auto level = steps_of(x.brightness, 255);
    return {write_request{
      led_bytes(c.r, c.g, c.b, static_cast<std::uint8_t>(level))}};
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    return judge_write(std::get<write_answer>(answer));
  }

private:
  led_places places_;
};

/// A name below /sys/class/leds, or a path.
std::filesystem::path read_place(config::section& options,
                                 std::string_view key) {
  const auto text = options.text(key);
  if (text.empty())
    return {};
  if (text == "." || text == "..") {
    options.mistake(key, "must be the name of an LED, or a path");
    return {};
  }
  // Names may hold colons, but no slash.
  if (text.find('/') == std::string::npos)
    return std::filesystem::path{folder} / text;
  return options.path(text);
}

} // namespace

driver_ptr make_led(config::section& options) {
  led_places places;
  places.all = read_place(options, "path");
  places.each = {read_place(options, "red"), read_place(options, "green"),
                 read_place(options, "blue")};
  const auto some =
    std::ranges::any_of(places.each, [](const auto& x) { return !x.empty(); });
  if (places.all.empty() && !some)
    options.mistake("path", "is missing: give the LED's name below "
                            "/sys/class/leds, or one name each for 'red', "
                            "'green' and 'blue'");
  else if (!places.all.empty() && some)
    options.mistake("path", "is one LED, but 'red', 'green' or 'blue' name "
                            "others; keep either");
  if (!options.good())
    return nullptr;
  return std::make_unique<led_lamp>(std::move(places));
}

} // namespace signalbox::lights
