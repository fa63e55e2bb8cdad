#include "bench/floors/delivery.hpp"

#include <mosquitto.h>

#include <memory>
#include <poll.h>

namespace signalbox::bench {

namespace {

struct destroy {
  void operator()(mosquitto* x) const noexcept {
    mosquitto_destroy(x);
  }
};

class publisher {
public:
  publisher(const mqtt_floor& what, const delivery_plan& plan)
    : what_(what),
      plan_(plan),
      handle_((mosquitto_lib_init(), mosquitto_new(nullptr, true, this))) {
    auto* x = handle_.get();
    mosquitto_int_option(x, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(x, 0); // The window is ours.
    mosquitto_connect_callback_set(x, [](mosquitto*, void* self, int code) {
      static_cast<publisher*>(self)->up_ = code == 0;
    });
    mosquitto_publish_callback_set(x, [](mosquitto*, void* self, int) {
      ++static_cast<publisher*>(self)->acknowledged_;
    });
  }

  std::string run(const std::function<void()>& ready) {
    if (failed(mosquitto_connect(handle_.get(), "127.0.0.1", plan_.port, 60)))
      return words();
    while (!up_)
      if (!step(std::chrono::seconds{1}))
        return words();
    ready();
    const pace rhythm{plan_};
    while (acknowledged_ < plan_.count) {
      const auto due = rhythm.due();
      while (sent_ < due && sent_ - acknowledged_ < what_.window)
        if (!publish())
          return words();
      if (acknowledged_ == plan_.count)
        break;
      // What it waits for: an answer, and the next burst if all is sent.
      const auto idle = sent_ == due && due < plan_.count;
      if (!step(idle ? rhythm.rest() : std::chrono::seconds{1}))
        return words();
    }
    mosquitto_disconnect(handle_.get());
    return {};
  }

private:
  bool publish() {
    const auto& [topic, payload] =
      what_.messages[sent_ % what_.messages.size()];
    ++sent_;
    return !failed(mosquitto_publish(handle_.get(), nullptr, topic.c_str(),
                                     static_cast<int>(payload.size()),
                                     payload.data(), what_.qos, false));
  }

  bool step(std::chrono::nanoseconds patience) {
    auto* x = handle_.get();
    pollfd socket{mosquitto_socket(x), POLLIN, 0};
    if (mosquitto_want_write(x))
      socket.events |= POLLOUT;
    const timespec wait{patience / std::chrono::seconds{1},
                        (patience % std::chrono::seconds{1}).count()};
    ppoll(&socket, 1, &wait, nullptr);
    if ((socket.revents & (POLLIN | POLLERR | POLLHUP)) != 0
        && failed(mosquitto_loop_read(x, 1)))
      return false;
    return (socket.revents & POLLOUT) == 0
           || !failed(mosquitto_loop_write(x, 1));
  }

  bool failed(int code) {
    code_ = code;
    return code != MOSQ_ERR_SUCCESS;
  }

  [[nodiscard]] std::string words() const {
    return mosquitto_strerror(code_);
  }

  const mqtt_floor& what_;
  const delivery_plan& plan_;
  std::unique_ptr<mosquitto, destroy> handle_;
  bool up_ = false;
  int code_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t acknowledged_ = 0;
};

} // namespace

result<delivery_cost> run_floor(const mqtt_floor& what,
                                const delivery_plan& plan) {
  return measure_apart([&](const auto& ready) {
    return publisher{what, plan}.run(ready);
  });
}

} // namespace signalbox::bench
