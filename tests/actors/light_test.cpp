// A lamp whose other side does as the test says, on virtual time.
#include "actors/light.hpp"
#include "actors/telemetry.hpp"
#include "config/load.hpp"
#include "tests/actors/fake_transport.hpp"
#include "tests/actors/journal_fixture.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

/// Commands are requests that say what is shown.
struct plain_lamp final : lights::driver {
  [[nodiscard]] lights::capabilities can() const override {
    return {};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const lights::command& x,
                                      const lights::command*) override {
    http_request request;
    request.body = to_string(x.what);
    return {request};
  }

  verdict judge(const delivery_answer& x, wall_time now) override {
    return judge_http(std::get<http_answer>(x), now);
  }
};

lights::effect lit(lights::rgb color, int priority) {
  lights::effect x;
  x.what = lights::show::on;
  x.color.mix = color;
  x.priority = priority;
  return x;
}

struct fixture : journal_fixture {
  telemetry_actor watcher = spawn(telemetry, log);
  std::shared_ptr<fake_server> wire = std::make_shared<fake_server>();
  wall_time wall{};
  light_plan plan;

  fixture() {
    plan.name = "desk";
    plan.driver = "plain";
    match_spec open;
    open.kind = {"connection_open"};
    plan.rules.on.push_back(
      {matcher::compile(open).value(), lit({0, 255, 0}, 20)});
    plan.pace.max_rate = 5;
    plan.lamp = std::make_shared<plain_lamp>();
    plan.wall = [this] {
      return wall;
    };
  }

  light_actor add_lamp() {
    return spawn(light, plan, log, transport_ptr{wire}, watcher);
  }

  fake_server& other_side() {
    return *wire;
  }

  std::string last() {
    BOOST_REQUIRE(!other_side().requests.empty());
    return other_side().requests.back().body;
  }

  /// Tells it to stop; the result becomes true when it has answered.
  std::shared_ptr<bool> stop(const light_actor& desk) {
    auto done = std::make_shared<bool>(false);
    spawn(
      [done](caf::event_based_actor* x, const light_actor& lamp) {
        x->request(lamp, caf::infinite, atoms::stop::value)
          .then([done](caf::ok_atom) { *done = true; });
      },
      desk);
    return done;
  }

  light_status status() {
    const auto x = ask<engine_picture_ptr>(watcher, atoms::status::value);
    BOOST_REQUIRE(x->lights.size() == 1U);
    return x->lights[0];
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_mute_lamp_has_half_a_second_to_say_farewell,
                        fixture) {
  other_side().silent = true;
  const auto desk = add_lamp();
  BOOST_TEST(other_side().requests.size() == 1U); // and no answer to it
  const auto done = stop(desk);
  advance(400ms);
  BOOST_TEST(!*done);
  advance(200ms);
  BOOST_TEST(*done);
}

BOOST_FIXTURE_TEST_CASE(a_lamp_hears_idle_last_even_if_it_was_busy, fixture) {
  const auto desk = add_lamp();
  other_side().silent = true;
  journal_events(batch_of({"ann"}));
  advance(300ms);
  BOOST_TEST(last() == "on");
  const auto done = stop(desk);
  BOOST_TEST(!*done);
  other_side().silent = false;
  other_side().kept.at(0)(http_answer{200, "", "", ""});
  run();
  BOOST_TEST(*done);
  BOOST_TEST(last() == "off");
}

BOOST_FIXTURE_TEST_CASE(timers_of_a_lamp_do_not_multiply, fixture) {
  const auto others = advance(2min, 1s);
  const auto desk = add_lamp();
  for (int i = 0; i < 200; ++i) {
    journal_events(batch_of({"ann"}));
    advance(300ms);
  }
  advance(1s);
  // Two reassertions, and what they report; the others' timers are the same.
  BOOST_TEST(advance(2min, 1s) <= others + 6U);
}

BOOST_FIXTURE_TEST_CASE(a_lamp_is_quiet_from_seven_until_seven, fixture) {
  setenv("TZ", "UTC", 1);
  tzset();
  config::document document = config::document::parse(
    "[[light]]\nname = 'x'\ndriver = 'virtual'\n"
    "quiet = { from = '19:00', to = '07:00' }\n",
    "test.toml", [](std::string_view) { return std::nullopt; });
  auto options = document.settings().lights.at(0).options;
  plan.rules.quiet = lights::read_light_rules(options).quiet;
  plan.pace.idle = lit({0, 0, 255}, 0);
  wall = wall_time{18h + 59min + 30s};
  const auto desk = add_lamp();
  advance(2s);
  BOOST_TEST(last() == "on");
  wall += 1min;
  advance(2s);
  BOOST_TEST(last() == "off");
  journal_events(batch_of({"ann"}));
  advance(2s);
  BOOST_TEST(last() == "off");
  wall += 12h;
  advance(2s);
  BOOST_TEST(last() == "on");
  BOOST_TEST(status().shows.color == "#00ff00");
}

BOOST_FIXTURE_TEST_CASE(a_lamp_of_levels_is_told_nothing_before_they_are_known,
                        fixture) {
  lights::level_rule users;
  users.steps.push_back({1, lit({0, 255, 0}, 10)});
  plan.rules.levels.push_back(users);
  const auto desk = add_lamp();
  BOOST_TEST(other_side().requests.empty());
  auto picture = std::make_shared<session_picture>();
  picture->users.resize(1);
  send(watcher, session_picture_ptr{std::move(picture)});
  advance(200ms);
  BOOST_REQUIRE_EQUAL(other_side().requests.size(), 1U);
  BOOST_TEST(last() == "on");
}

BOOST_FIXTURE_TEST_CASE(a_lamp_of_levels_is_told_what_is_known_in_the_end,
                        fixture) {
  lights::level_rule users;
  users.steps.push_back({1, lit({0, 255, 0}, 10)});
  plan.rules.levels.push_back(users);
  const auto desk = add_lamp();
  advance(3s);
  BOOST_TEST(last() == "off");
}

BOOST_FIXTURE_TEST_CASE(a_level_of_one_server_knows_it_in_any_case, fixture) {
  lights::level_rule users;
  users.server = "m\xC3\xBCnchen"; // folded, as it is read
  users.steps.push_back({2, lit({255, 0, 0}, 10)});
  plan.rules.levels.push_back(users);
  const auto desk = add_lamp();
  auto picture = std::make_shared<session_picture>();
  picture->servers.push_back({"M\xC3\x9CNCHEN", 2, 2, 0});
  send(watcher, session_picture_ptr{std::move(picture)});
  advance(2s);
  BOOST_TEST(status().shows.color == "#ff0000");
}

BOOST_FIXTURE_TEST_CASE(requests_of_a_lamp_wait_for_nobody_else, fixture) {
  const auto desk = add_lamp();
  BOOST_TEST(other_side().requests.at(0).sender == "light:desk");
}
