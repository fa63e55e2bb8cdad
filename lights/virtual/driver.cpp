#include "lights/driver.hpp"

namespace signalbox::lights {

driver_ptr make_virtual(config::section& options);

namespace {

/// A lamp without a lamp: whatever it is told, it shows. People see it on the
/// dashboard, at `GET /api/lights` and on the console.
class virtual_lamp final : public driver {
public:
  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 5, .burst = 1, .blinks = true};
  }

  void apply(const command&,
             std::function<void(std::string error)> done) override {
    done({});
  }
};

} // namespace

driver_ptr make_virtual(config::section&) {
  return std::make_unique<virtual_lamp>();
}

} // namespace signalbox::lights
