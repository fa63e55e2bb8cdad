// Yeelight: lines of JSON over TCP. Source: Yeelight WiFi Light Inter-Operation
// Specification, "COMMAND message".
#include "lights/driver.hpp"

#include "lights/command_values.hpp"
#include "lights/lamp_address.hpp"
#include "lights/yeelight/bulb.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::lights {

driver_ptr make_yeelight(config::section& options);

namespace {

/// The shortest step of a colour flow, in milliseconds.
constexpr std::int64_t shortest_step = 50;

constexpr std::uint16_t coolest_kelvin = 6'500;
constexpr std::uint16_t warmest_kelvin = 1'700;

std::int64_t ms_of(duration x) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(x).count();
}

/// 1 to 100: a Yeelight has no 0.
int percent_of(const command& x) {
  return steps_of(x.brightness, 100);
}

unsigned number_of(rgb x) {
  return static_cast<unsigned>(x.r) << 16U | static_cast<unsigned>(x.g) << 8U
         | x.b;
}

unsigned kelvin_of(const command& x) {
  return std::clamp(x.color.kelvin, warmest_kelvin, coolest_kelvin);
}

/// A step of a colour flow: how long it takes to glide there, mode (1 colour, 2
/// white), value, brightness.
std::string step(const command& x, std::int64_t ms, int brightness) {
  const auto white = x.color.kelvin != 0;
  return fmt::format("{},{},{},{}", std::max(ms, shortest_step), white ? 2 : 1,
                     white ? kelvin_of(x) : number_of(x.color.mix), brightness);
}

/// Mode 7: stay as it is.
std::string stay(std::int64_t ms) {
  return fmt::format("{},7,0,0", std::max(ms, shortest_step));
}

/// Between the colour and the dimmest that there is.
std::string blinking(const command& x) {
  const auto rest = ms_of(x.period) / 2 - shortest_step;
  return fmt::format("{},{},{},{}", step(x, shortest_step, percent_of(x)),
                     stay(rest), step(x, shortest_step, 1), stay(rest));
}

std::string pulsing(const command& x) {
  const auto half = ms_of(x.period) / 2;
  return step(x, half, percent_of(x)) + "," + step(x, half, 1);
}

/// A scene also switches the lamp on. "cf" is a colour flow: how many steps (0:
/// for ever), and what is after it (1: it stays so).
std::string parameters_of(const command& x) {
  switch (x.what) {
  case show::blink:
    return fmt::format(R"("cf",0,1,"{}")", blinking(x));
  case show::pulse:
    return fmt::format(R"("cf",0,1,"{}")", pulsing(x));
  case show::fade:
    return fmt::format(R"("cf",1,1,"{}")",
                       step(x, ms_of(x.period), percent_of(x)));
  default:
    break;
  }
  if (x.color.kelvin != 0)
    return fmt::format(R"("ct",{},{})", kelvin_of(x), percent_of(x));
  return fmt::format(R"("color",{},{})", number_of(x.color.mix), percent_of(x));
}

class yeelight_lamp final : public driver {
public:
  explicit yeelight_lamp(lamp_address where) : where_(std::move(where)) {
    // nop
  }

  /// The lamp takes 60 commands a minute from a connection.
  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 0.9, .burst = 10, .blinks = true, .pulses = true};
  }

  transport_choice open_transport() override {
    return std::make_unique<yeelight::bulb>(where_);
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    if (x.what == show::off)
      return {line("set_power", R"("off","sudden",0)")};
    return {line("set_scene", parameters_of(x))};
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    auto x = judge_write(std::get<write_answer>(answer));
    const auto says = [&](std::string_view words) {
      // Not the system's, as when it does not support an address.
      return x.reason.starts_with(yeelight::lamp_says)
             && x.reason.find(words) != std::string::npos;
    };
    if (says("quota exceeded")) {
      x.what = outcome::slow_down;
      x.reason += ": something else tells this lamp things, too";
    } else if (says("not support") || says("unsupported")
               || says("invalid param")) {
      x.what = outcome::destination_fault;
      x.reason += ": the lamp has no colours";
    }
    return x;
  }

private:
  delivery_request line(std::string_view method, std::string_view parameters) {
    // Wraps long before it is too large for a lamp's own integers.
    id_ = id_ % 1'000'000 + 1;
    return write_request{
      fmt::format("{{\"id\":{},\"method\":\"{}\",\"params\":[{}]}}\r\n", id_,
                  method, parameters)};
  }

  lamp_address where_;
  int id_ = 0;
};

} // namespace

driver_ptr make_yeelight(config::section& options) {
  options.require("address");
  const auto where = read_address(options, "address", yeelight::default_port);
  if (!where || !options.good())
    return nullptr;
  return std::make_unique<yeelight_lamp>(*where);
}

} // namespace signalbox::lights
