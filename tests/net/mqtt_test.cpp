#include "tests/net/mqtt_broker.hpp"
#include "tests/net/mqtt_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;

namespace {

std::vector<std::string> payloads(const mqtt_watcher& watcher) {
  std::vector<std::string> x;
  for (const auto& message : watcher.seen())
    x.push_back(message.payload);
  return x;
}

auto has(const std::string& topic, const std::string& payload) {
  return [=](const std::vector<mqtt_watcher::message>& seen) {
    return std::any_of(seen.begin(), seen.end(), [&](const auto& x) {
      return x.topic == topic && x.payload == payload;
    });
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(an_mqtt_client)

BOOST_AUTO_TEST_CASE(publishes_in_order_with_each_qos) {
  const mqtt_broker broker;
  for (const auto qos : {0, 1, 2})
    BOOST_TEST_CONTEXT("QoS " << qos) {
      mqtt_watcher watcher{broker.port()};
      const auto client = must_start(to_broker(broker.port()));
      const auto answer = ask(*client, messages(qos, 0, 200));
      BOOST_TEST(answer.error == "");
      BOOST_TEST(answer.acknowledged == 200U);
      BOOST_REQUIRE(watcher.wait_for_count(200));
      const auto seen = payloads(watcher);
      for (std::size_t i = 0; i < 200; ++i)
        BOOST_TEST(seen.at(i) == std::to_string(i));
      BOOST_TEST(seen.size() == 200U);
    }
}

BOOST_AUTO_TEST_CASE(takes_many_requests_at_once) {
  const mqtt_broker broker;
  mqtt_watcher watcher{broker.port()};
  const auto client = must_start(to_broker(broker.port()));
  std::vector<std::future<mqtt_answer>> answers;
  for (std::size_t i = 0; i < 100; ++i)
    answers.push_back(send(*client, messages(1, i * 10, 10)));
  for (auto& x : answers)
    BOOST_TEST(wait(x).error == "");
  BOOST_REQUIRE(watcher.wait_for_count(1'000));
  const auto seen = payloads(watcher);
  for (std::size_t i = 0; i < seen.size(); ++i)
    BOOST_TEST(seen[i] == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(takes_requests_from_many_threads) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t each = 500;
  const mqtt_broker broker;
  mqtt_watcher watcher{broker.port()};
  const auto client = must_start(to_broker(broker.port()));
  BOOST_REQUIRE(probe(*client).error.empty());
  std::vector<std::thread> senders;
  std::atomic<std::size_t> good{0};
  for (std::size_t i = 0; i < threads; ++i)
    senders.emplace_back([&, i] {
      std::vector<std::future<mqtt_answer>> answers;
      for (std::size_t n = 0; n < each; ++n)
        answers.push_back(send(*client, messages(1, i * each + n, 1)));
      for (auto& x : answers)
        good += x.get().error.empty() ? 1 : 0;
    });
  for (auto& x : senders)
    x.join();
  BOOST_TEST(good == threads * each);
  BOOST_REQUIRE(watcher.wait_for_count(threads * each));
  // Those of one thread in order, whoever came between.
  std::map<std::size_t, std::size_t> last;
  for (const auto& text : payloads(watcher)) {
    const auto number = std::stoul(text);
    const auto sender = number / each;
    BOOST_TEST(number == sender * each + last[sender]++);
  }
}

BOOST_AUTO_TEST_CASE(takes_a_request_from_an_answer) {
  const mqtt_broker broker;
  const auto client = must_start(to_broker(broker.port()));
  for (const auto qos : {0, 1}) {
    std::promise<void> end;
    std::size_t told = 0;
    std::function<void(mqtt_answer)> next = [&](const mqtt_answer& x) {
      if (!x.error.empty() || told == 200)
        end.set_value();
      else
        client->publish(messages(qos, told++, 1), next);
    };
    next({});
    BOOST_REQUIRE(
      (end.get_future().wait_for(30s) == std::future_status::ready));
    BOOST_TEST(told == 200U);
  }
}

BOOST_AUTO_TEST_CASE(publishes_bytes_and_retains_when_asked) {
  const mqtt_broker broker;
  const auto client = must_start(to_broker(broker.port()));
  mqtt_request request;
  request.retain = true;
  request.publications = {{"a/b", std::string{"\0\xff", 2}}};
  BOOST_TEST(ask(*client, request).acknowledged == 1U);
  mqtt_watcher watcher{broker.port()};
  BOOST_REQUIRE(watcher.wait_for_count(1));
  BOOST_TEST(watcher.seen().at(0).retained);
  BOOST_TEST((watcher.seen().at(0).payload == std::string{"\0\xff", 2}));
}

BOOST_AUTO_TEST_CASE(a_probe_succeeds_with_a_connection_only) {
  const mqtt_broker broker;
  BOOST_TEST(probe(*must_start(to_broker(broker.port()))).error == "");
  const auto nobody = free_port();
  const auto answer = probe(*must_start(to_broker(nobody)));
  BOOST_TEST(answer.error
             == "mqtt://127.0.0.1:" + std::to_string(nobody)
                  + ": no connection (Connection refused)");
  BOOST_TEST(!answer.refused);
}

BOOST_AUTO_TEST_CASE(tells_that_a_name_is_unknown) {
  auto options = to_broker(1883);
  options.host = "signalbox.invalid";
  const auto answer = ask(*must_start(options), messages(1, 0, 1));
  BOOST_TEST(answer.error
             == "mqtt://signalbox.invalid:1883: the name cannot be resolved");
}

BOOST_AUTO_TEST_CASE(finds_a_broker_that_serves_ipv4_only) {
  const mqtt_broker broker;
  auto options = to_broker(broker.port());
  options.host = "localhost";
  BOOST_TEST(probe(*must_start(options)).error == "");
}

BOOST_AUTO_TEST_CASE(tells_which_message_can_never_be_sent) {
  const mqtt_broker broker;
  const auto client = must_start(to_broker(broker.port()));
  for (const auto& topic : {std::string{"a/+"}, std::string{"#"}, std::string{},
                            std::string{"a\0b", 3}, std::string{"\xff"}}) {
    auto request = messages(1, 0, 3);
    request.publications[1].topic = topic;
    const auto answer = ask(*client, request);
    BOOST_TEST(answer.acknowledged <= 1U);
    BOOST_TEST(tells(answer, "topic"), answer.error);
  }
  BOOST_TEST(ask(*client, messages(1, 0, 1)).error == "");
}

BOOST_AUTO_TEST_CASE(tells_that_the_credentials_are_refused) {
  const temporary_directory directory;
  const auto passwords = directory / "passwords";
  BOOST_REQUIRE(
    (child_process{{"mosquitto_passwd", "-c", "-b", passwords, "joe", "s3cret"}}
       .wait()
     == 0));
  const mqtt_broker broker{"allow_anonymous false\npassword_file " + passwords
                           + "\n"};
  for (const auto& [user, password, welcome] :
       {std::tuple{"joe", "s3cret", true},
        {"joe", "wr0ng", false},
        {"jane", "s3cret", false},
        {"", "", false}}) {
    auto options = to_broker(broker.port());
    options.username = user;
    options.password = password;
    const auto client = must_start(options);
    const auto answer = ask(*client, messages(1, 0, 1));
    BOOST_TEST(answer.refused == !welcome);
    BOOST_TEST(answer.error.empty() == welcome);
    BOOST_TEST(answer.acknowledged == (welcome ? 1U : 0U));
    BOOST_TEST(!tells(answer, "s3cret"));
    BOOST_TEST(!tells(answer, "wr0ng"));
    // Until the next attempt the answer comes at once, and is the same.
    const auto again = ask(*client, messages(1, 0, 1));
    BOOST_TEST(again.refused == !welcome);
  }
}

BOOST_AUTO_TEST_CASE(says_when_it_comes_and_goes) {
  const mqtt_broker broker;
  mqtt_watcher watcher{broker.port()};
  auto options = to_broker(broker.port());
  options.online = net::mqtt_notice{"signalbox/status", "online"};
  options.last_will = net::mqtt_notice{"signalbox/status", "offline"};
  auto client = must_start(options);
  BOOST_TEST(probe(*client).error == "");
  BOOST_REQUIRE(watcher.wait_for(has("signalbox/status", "online")));
  client.reset();
  BOOST_REQUIRE(watcher.wait_for_count(2));
  BOOST_TEST(
    (payloads(watcher) == std::vector<std::string>{"online", "offline"}));
  // Retained: who looks later sees it, too.
  mqtt_watcher late{broker.port()};
  BOOST_REQUIRE(late.wait_for_count(1));
  BOOST_TEST(late.seen().at(0).payload == "offline");
}

BOOST_AUTO_TEST_CASE(leaves_a_last_will_when_it_vanishes) {
  const mqtt_broker broker;
  mqtt_watcher watcher{broker.port()};
  auto options = to_broker(broker.port());
  options.client_id = "engine";
  options.online = net::mqtt_notice{"signalbox/status", "online"};
  options.last_will = net::mqtt_notice{"signalbox/status", "vanished"};
  const auto client = must_start(options);
  BOOST_REQUIRE(watcher.wait_for(has("signalbox/status", "online")));
  {
    // A broker ends a connection when another one comes by the same name.
    auto same_name = to_broker(broker.port());
    same_name.client_id = "engine";
    const auto usurper = must_start(same_name);
    BOOST_TEST(probe(*usurper).error == "");
    BOOST_REQUIRE(watcher.wait_for(has("signalbox/status", "vanished")));
  }
  // It comes back by itself and says so.
  BOOST_REQUIRE(watcher.wait_for([](const auto& seen) {
    return std::count_if(seen.begin(), seen.end(),
                         [](const auto& x) { return x.payload == "online"; })
           >= 2;
  }));
}

BOOST_AUTO_TEST_CASE(loses_nothing_when_the_broker_is_killed_in_mid_stream) {
  constexpr std::size_t total = 3'000;
  constexpr std::size_t batch = 100;
  mqtt_broker broker;
  mqtt_watcher watcher{broker.port()};
  auto options = to_broker(broker.port());
  const auto client = must_start(options);
  std::size_t sent = 0;
  std::size_t interruptions = 0;
  while (sent < total) {
    auto answer =
      send(*client, messages(1, sent, std::min(batch, total - sent)));
    if (interruptions == 0 && sent >= total / 2) {
      broker.kill();
      const auto cut = wait(answer);
      // Killed between two batches, it has got all of this one or none.
      sent += cut.acknowledged;
      ++interruptions;
      broker.start();
      watcher.reconnect();
      BOOST_REQUIRE(wait_until_connected(*client));
      continue;
    }
    const auto whole = wait(answer);
    BOOST_REQUIRE_MESSAGE(whole.error.empty(), whole.error);
    sent += whole.acknowledged;
  }
  BOOST_TEST(interruptions == 1U);
  std::map<std::string, std::size_t> times;
  BOOST_REQUIRE(
    watcher.wait_for(has("qliksense/test", std::to_string(total - 1))));
  for (const auto& x : watcher.seen())
    ++times[x.payload];
  for (std::size_t i = 0; i < total; ++i)
    BOOST_TEST(times[std::to_string(i)] >= 1U, "lost message " << i);
  // What was on its way may come twice, but no more than the window.
  BOOST_TEST(watcher.seen().size() <= total + options.max_inflight);
}

BOOST_AUTO_TEST_CASE(answers_everybody_when_it_ends) {
  // Connects, but nobody ever answers as a broker.
  std::uint16_t port = 0;
  const auto silent = listen_on_loopback(port);
  auto client = must_start(to_broker(port));
  auto answer = send(*client, messages(1, 0, 1));
  client.reset();
  BOOST_TEST(tells(wait(answer), "closing"));
  close(silent);
}

BOOST_AUTO_TEST_SUITE_END()
