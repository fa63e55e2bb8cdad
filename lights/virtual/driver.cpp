#include "lights/driver.hpp"

namespace signalbox::lights {

driver_ptr make_virtual(config::section& options);

namespace {

/// A lamp without a lamp: whatever it is told, it shows, without a request.
/// People see it on the dashboard, at `GET /api/lights` and on the console.
class virtual_lamp final : public driver {
public:
  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 5, .burst = 1, .blinks = true, .pulses = true};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const command&, const command*) override {
    return {};
  }

  verdict judge(const delivery_answer&, wall_time) override {
    return {};
  }
};

} // namespace

driver_ptr make_virtual(config::section&) {
  return std::make_unique<virtual_lamp>();
}

} // namespace signalbox::lights
