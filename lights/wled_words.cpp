#include "lights/wled_words.hpp"

#include "lights/command_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ratio>

namespace signalbox::lights::wled {

namespace {

using deciseconds = std::chrono::duration<std::int64_t, std::deci>;

constexpr int brightest = 255;

double ms_of(duration x) {
  return std::chrono::duration<double, std::milli>(x).count();
}

/// Of two speeds the slower one: nothing flashes faster than it was told to.
int speed_of(double x) {
  return static_cast<int>(std::floor(std::clamp<double>(x, 0, 255)));
}

/// WLED's speed, 0 to 255, for effect 1 ("Blink"): a turn takes (255 - sx) * 20
/// ms and two frames of about 24 ms, so 5.1 s at most.
int blink_speed(duration period) {
  return speed_of(255 - (ms_of(period) - 48) / 20);
}

/// The same for effect 2 ("Breathe"): 65,536 / (sx / 8 + 10) ms, so 1.6 s at
/// least and 6.6 s at most.
int breathe_speed(duration period) {
  return speed_of((65'536 / ms_of(period) - 10) * 8);
}

/// A segment's colours and effect. `pal` 0 lets an effect use its colours, the
/// second of which is black.
std::string look_of(const command& x) {
  const auto c = x.color.mix;
  const auto effect = [&](int fx, int speed) {
    return fmt::format(R"("col":[[{},{},{}],[0,0,0]],"fx":{},"sx":{},)"
                       R"("ix":128,"pal":0)",
                       c.r, c.g, c.b, fx, speed);
  };
  if (x.what == show::blink)
    return effect(1, blink_speed(x.period));
  if (x.what == show::pulse)
    return effect(2, breathe_speed(x.period));
  return fmt::format(R"("col":[[{},{},{}]],"fx":0)", c.r, c.g, c.b);
}

std::int64_t tenths_of(const command& x) {
  return std::chrono::round<deciseconds>(transition_of(x)).count();
}

/// An object without an id is for all segments that are selected. They have a
/// switch and a brightness of their own, which may be off and low.
std::string state_of_strip(const command& x) {
  if (x.what == show::off)
    return R"({"on":false,"tt":0})";
  return fmt::format(R"({{"on":true,"bri":{},"tt":{},)"
                     R"("seg":{{"on":true,"bri":{},{}}}}})",
                     steps_of(x.brightness, brightest), tenths_of(x), brightest,
                     look_of(x));
}

/// The strip's own brightness stays as it is: other lamps are on it.
std::string state_of_segment(const command& x, std::int64_t id) {
  if (x.what == show::off)
    return fmt::format(R"({{"tt":0,"seg":[{{"id":{},"on":false}}]}})", id);
  return fmt::format(R"({{"on":true,"tt":{},"seg":[{{"id":{},)"
                     R"("on":true,"bri":{},{}}}]}})",
                     tenths_of(x), id, steps_of(x.brightness, brightest),
                     look_of(x));
}

} // namespace

std::string state_of(const command& x, std::optional<std::int64_t> segment) {
  return segment ? state_of_segment(x, *segment) : state_of_strip(x);
}

} // namespace signalbox::lights::wled
