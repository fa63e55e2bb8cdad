// A real mosquitto that tests start, end and start again, and a client that
// watches what it publishes.
#pragma once

#include "tests/net/child_process.hpp"

#include <mosquitto.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::test {

/// A broker on a free loopback port.
class mqtt_broker {
public:
  /// @param config Lines of mosquitto.conf that follow the listener's.
  explicit mqtt_broker(const std::string& config = "allow_anonymous true\n")
    : port_(free_port()) {
    std::string text = "listener " + std::to_string(port_) + " 127.0.0.1\n";
    // As root it would otherwise become a user who cannot read our files.
    if (geteuid() == 0)
      text += "user root\n";
    config_ = directory_.write("mosquitto.conf", text + config);
    start();
  }

  void start() {
    // Debian puts it where only administrators look.
    const auto* installed = "/usr/sbin/mosquitto";
    const std::string program =
      std::filesystem::exists(installed) ? installed : "mosquitto";
    process_.emplace(std::vector<std::string>{program, "-c", config_});
    if (!wait_until_listening(port_))
      throw std::runtime_error("mosquitto does not listen");
  }

  /// As a crash would end it.
  void kill() {
    process_.reset();
  }

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

private:
  temporary_directory directory_;
  std::uint16_t port_;
  std::string config_;
  std::optional<child_process> process_;
};

/// Subscribes to everything with QoS 0; reconnects when told.
class mqtt_watcher {
public:
  struct message {
    std::string topic;
    std::string payload;
    bool retained = false;
  };

  explicit mqtt_watcher(std::uint16_t port, const std::string& user = {},
                        const std::string& password = {})
    : port_(port), handle_(mosquitto_new(nullptr, true, this)) {
    mosquitto_connect_callback_set(handle_, [](mosquitto* x, void*, int code) {
      if (code == 0)
        mosquitto_subscribe(x, nullptr, "#", 0);
    });
    mosquitto_subscribe_callback_set(
      handle_, [](mosquitto*, void* self, int, int, const int*) {
        static_cast<mqtt_watcher*>(self)->note_subscribed();
      });
    mosquitto_message_callback_set(
      handle_, [](mosquitto*, void* self, const mosquitto_message* x) {
        static_cast<mqtt_watcher*>(self)->note(*x);
      });
    if (!user.empty())
      mosquitto_username_pw_set(handle_, user.c_str(), password.c_str());
    connect();
  }

  ~mqtt_watcher() {
    stop();
    mosquitto_destroy(handle_);
  }

  mqtt_watcher(const mqtt_watcher&) = delete;
  mqtt_watcher& operator=(const mqtt_watcher&) = delete;

  /// Connects again after the broker has been away.
  void reconnect() {
    stop();
    connect();
  }

  /// Waits until `condition` holds for what has arrived so far; false after 20
  /// seconds.
  template <class Condition>
  [[nodiscard]] bool wait_for(Condition condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return condition(seen_); });
  }

  /// Waits for `n` messages.
  [[nodiscard]] bool wait_for_count(std::size_t n) {
    return wait_for([n](const auto& seen) { return seen.size() >= n; });
  }

  [[nodiscard]] std::vector<message> seen() const {
    const std::lock_guard lock{mutex_};
    return seen_;
  }

private:
  void connect() {
    subscribed_ = false;
    if (mosquitto_connect(handle_, "127.0.0.1", port_, 60) != MOSQ_ERR_SUCCESS
        || mosquitto_loop_start(handle_) != MOSQ_ERR_SUCCESS)
      throw std::runtime_error("the watcher cannot connect");
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, std::chrono::seconds(20),
                           [this] { return subscribed_; }))
      throw std::runtime_error("the watcher cannot subscribe");
  }

  void stop() {
    mosquitto_disconnect(handle_);
    mosquitto_loop_stop(handle_, true);
  }

  void note_subscribed() {
    const std::lock_guard lock{mutex_};
    subscribed_ = true;
    changed_.notify_all();
  }

  void note(const mosquitto_message& x) {
    const std::lock_guard lock{mutex_};
    seen_.push_back({x.topic,
                     {static_cast<const char*>(x.payload),
                      static_cast<std::size_t>(x.payloadlen)},
                     x.retain});
    changed_.notify_all();
  }

  std::uint16_t port_;
  mosquitto* handle_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool subscribed_ = false;
  std::vector<message> seen_;
};

} // namespace signalbox::test
