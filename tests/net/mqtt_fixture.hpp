// What the tests of the MQTT client share.
#pragma once

#include "net/mqtt_client.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <future>

namespace signalbox::test {

using namespace std::chrono_literals;

inline net::mqtt_options to_broker(std::uint16_t port) {
  net::mqtt_options x;
  x.host = "127.0.0.1";
  x.port = port;
  return x;
}

inline std::unique_ptr<net::mqtt_client> must_start(net::mqtt_options options) {
  std::signal(SIGPIPE, SIG_IGN); // As the program does.
  auto x = net::mqtt_client::start(std::move(options));
  BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
  return std::move(*x);
}

inline std::future<mqtt_answer> send(net::mqtt_client& client,
                                     mqtt_request request) {
  auto promise = std::make_shared<std::promise<mqtt_answer>>();
  auto answer = promise->get_future();
  client.publish(std::move(request), [promise](mqtt_answer x) {
    promise->set_value(std::move(x)); // A second answer would throw.
  });
  return answer;
}

inline mqtt_answer wait(std::future<mqtt_answer>& answer) {
  BOOST_REQUIRE((answer.wait_for(30s) == std::future_status::ready));
  return answer.get();
}

inline mqtt_answer ask(net::mqtt_client& client, mqtt_request request) {
  auto answer = send(client, std::move(request));
  return wait(answer);
}

/// Waits for a connection, or for the first reason why there is none.
inline mqtt_answer probe(net::mqtt_client& client) {
  mqtt_request x;
  x.timeout = 20s;
  return ask(client, x);
}

/// Waits until there is a connection, through failed attempts.
inline bool wait_until_connected(net::mqtt_client& client) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < until) {
    if (probe(client).error.empty())
      return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

inline mqtt_request messages(int qos, std::size_t first, std::size_t count) {
  mqtt_request x;
  x.qos = qos;
  x.timeout = 20s;
  for (auto i = first; i < first + count; ++i)
    x.publications.push_back({"qliksense/test", std::to_string(i)});
  return x;
}

inline bool tells(const mqtt_answer& x, std::string_view words) {
  return x.error.find(words) != std::string::npos;
}

} // namespace signalbox::test
