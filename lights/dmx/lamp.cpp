#include "lights/dmx/lamp.hpp"

#include <utility>

namespace signalbox::lights::dmx {

namespace {

class lamp final : public driver {
public:
  explicit lamp(lamp_options options) : options_(std::move(options)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = universe::max_rate,
            .burst = 1,
            .reassert = universe::refresh};
  }

  transport_choice open_transport() override {
    auto where = universe::shared(options_.universe_name, [this] {
      return std::make_shared<universe>(options_.to, options_.frame);
    });
    return std::make_unique<fixture_writer>(std::move(where),
                                            options_.at.channel);
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    return {write_request{slots_of(x, options_.at.layout)}};
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    auto x = judge_write(std::get<write_answer>(answer));
    if (x.what != outcome::delivered)
      x.reason += options_.cure;
    return x;
  }

private:
  lamp_options options_;
};

} // namespace

driver_ptr make_lamp(lamp_options options) {
  return std::make_unique<lamp>(std::move(options));
}

} // namespace signalbox::lights::dmx
