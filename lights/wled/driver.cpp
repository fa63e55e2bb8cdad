// WLED: its JSON interface, or pixels by UDP. Source: WLED's documentation,
// "JSON API" and "UDP realtime".
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/url.hpp"
#include "lights/datagram_writer.hpp"
#include "lights/wled/pixels.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::lights {

driver_ptr make_wled(config::section& options);

namespace {

using std::chrono::milliseconds;

constexpr std::size_t max_answer = 4'096;  // {"success":true}, or a state
constexpr std::int64_t most_segments = 64; // of the largest chips

double ms_of(duration x) {
  return std::chrono::duration<double, std::milli>(x).count();
}

int clamped_int(double x, int low, int high) {
  return static_cast<int>(std::lround(std::clamp<double>(x, low, high)));
}

/// WLED's speed, 0 to 255, for effect 1 ("Blink"): a turn takes (255 - sx) * 20
/// ms and two frames of about 24 ms, so 5.1 s at most.
int blink_speed(duration period) {
  return clamped_int(255 - (ms_of(period) - 48) / 20, 0, 255);
}

/// The same for effect 2 ("Breathe"): 65,536 / (sx / 8 + 10) ms, so 1.6 s at
/// least and 6.6 s at most.
int breathe_speed(duration period) {
  return clamped_int((65'536 / ms_of(period) - 10) * 8, 0, 255);
}

/// A lit lamp has at least one step.
int brightness_of(const command& x) {
  return clamped_int(x.brightness * 255, 1, 255);
}

/// The segment's colours and effect. `pal` 0 lets an effect use its colours,
/// the second of which is black.
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

/// In tenths of a second.
int transition_of(const command& x) {
  return x.what == show::fade ? clamped_int(ms_of(x.period) / 100, 0, 65'535)
                              : 0;
}

class json_lamp final : public driver {
public:
  /// @param segment Null: the strip as a whole is the lamp.
  json_lamp(http_endpoint endpoint, std::optional<std::int64_t> segment)
    : endpoint_(std::move(endpoint)), segment_(segment) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 5, .burst = 1, .blinks = true, .pulses = true};
  }

  /// Its segments are lamps of their own, but one small chip serves them all.
  [[nodiscard]] bridge hangs_on() const override {
    return {"wled " + endpoint_.account(), 5, 1};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    auto request = endpoint_.request("POST", "/json/state");
    request.headers = {{"Content-Type", "application/json"}};
    request.max_answer = max_answer;
    request.body = segment_ ? of_segment(x, *segment_) : of_strip(x);
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& http = std::get<http_answer>(answer);
    auto x = judge_http(http, now);
    if (x.what == outcome::delivered)
      return judge_body(http.body);
    if (http.status == 0)
      x.reason += "; is it switched on, and is this WLED's address?";
    else if (http.status == 401 || http.status == 403)
      x.reason += "; WLED is locked: unlock its settings, or remove the PIN";
    else if (http.status == 404)
      x.reason += "; this is no WLED, or one before 0.8.4: check the url";
    if (x.what == outcome::destination_fault)
      endpoint_.renew();
    return x;
  }

private:
  static std::string of_strip(const command& x) {
    if (x.what == show::off)
      return R"({"on":false,"transition":0})";
    return fmt::format(
      R"({{"on":true,"bri":{},"transition":{},"seg":[{{"id":0,{}}}]}})",
      brightness_of(x), transition_of(x), look_of(x));
  }

  /// The strip's own brightness stays as it is: other lamps are on it.
  static std::string of_segment(const command& x, std::int64_t id) {
    if (x.what == show::off)
      return fmt::format(R"({{"transition":0,"seg":[{{"id":{},"on":false}}]}})",
                         id);
    return fmt::format(R"({{"on":true,"transition":{},"seg":[{{"id":{},)"
                       R"("on":true,"bri":{},{}}}]}})",
                       transition_of(x), id, brightness_of(x), look_of(x));
  }

  /// `{"success":true}`, a state, or `{"error":3}`, which is busy.
  static verdict judge_body(const std::string& body) {
    const simdjson::padded_string text{body};
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    if (parser.parse(text).get(root) != simdjson::SUCCESS)
      return {outcome::destination_fault,
              "the answer is not WLED's: check the url",
              {},
              0};
    std::int64_t error = 0;
    if (root["error"].get(error) != simdjson::SUCCESS || error == 0)
      return {};
    if (error == 1)
      return {outcome::destination_fault,
              "WLED is locked (error 1): unlock its settings, or remove the "
              "PIN",
              {},
              0};
    return {
      outcome::retry, fmt::format("WLED is busy (error {})", error), {}, 0};
  }

  http_endpoint endpoint_;
  std::optional<std::int64_t> segment_;
};

class realtime_lamp final : public driver {
public:
  realtime_lamp(net::datagram_options to, std::size_t leds)
    : to_(std::move(to)), leds_(leds) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 30, .burst = 1, .reassert = std::chrono::seconds(2)};
  }

  transport_choice open_transport() override {
    return std::make_unique<datagram_writer>(to_);
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    const auto color =
      x.what == show::off ? rgb{} : scaled(x.color.mix, x.brightness);
    std::vector<delivery_request> out;
    for (auto& bytes : wled::pixels(color, leds_, hold))
      out.emplace_back(write_request{std::move(bytes)});
    return out;
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    auto x = judge_write(std::get<write_answer>(answer));
    if (x.what != outcome::delivered)
      x.reason += "; is WLED switched on, and its UDP realtime reception?";
    return x;
  }

private:
  /// Seconds: when the engine is gone, the strip returns to its own mode.
  static constexpr std::uint8_t hold = 5;

  net::datagram_options to_;
  std::size_t leds_;
};

driver_ptr make_json(config::section& options) {
  auto endpoint = http_endpoint::read(options, {}, milliseconds{1'000});
  std::optional<std::int64_t> segment;
  if (options.has("segment"))
    segment = options.integer("segment", 0, 0, most_segments - 1);
  if (options.has("leds"))
    options.mistake("leds", "is for udp:// only: by http WLED itself knows how "
                            "many there are");
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<json_lamp>(std::move(*endpoint), segment);
}

driver_ptr make_realtime(config::section& options, const url_parts& url) {
  const auto leds =
    options.integer("leds", 1, 1, static_cast<std::int64_t>(wled::most_pixels));
  if (options.has("segment"))
    options.mistake("segment", "is for http:// only: by udp the strip is one");
  if (!options.good())
    return nullptr;
  return std::make_unique<realtime_lamp>(
    net::datagram_options{
      .host = url.host, .port = url.port == 0 ? wled::realtime_port : url.port},
    static_cast<std::size_t>(leds));
}

} // namespace

driver_ptr make_wled(config::section& options) {
  const auto text = options.secret_text("url");
  const auto url = parse_url(text.reveal());
  const auto* const key = options.has("url") ? "url" : "url_file";
  if (url && !url->target.empty() && url->target != "/")
    options.mistake(key, "ends with the address: WLED's paths are known "
                         "(\"http://wled.lan\")");
  if (url && url->scheme == "udp")
    return make_realtime(options, *url);
  if (url && url->scheme != "http" && url->scheme != "https") {
    options.mistake(key, "the URL must start with http:// or udp://");
    return nullptr;
  }
  return make_json(options);
}

} // namespace signalbox::lights
