// Those who watch: the dashboard's viewers and the lamps.
#include "actors/event_feed.hpp"
#include "actors/light.hpp"
#include "actors/status_json.hpp"
#include "actors/telemetry.hpp"
#include "actors/transports.hpp"
#include "tests/actors/journal_fixture.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

/// A lamp whose commands are one request each.
struct fake_lamp final : lights::driver {
  [[nodiscard]] lights::capabilities can() const override {
    return {};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const lights::command& x,
                                      const lights::command*) override {
    return {write_request{std::string{to_string(x.what)}}};
  }

  verdict judge(const delivery_answer& x, wall_time) override {
    return judge_write(std::get<write_answer>(x));
  }
};

/// The wire to it, which does as the test says.
struct fake_wire final : transport {
  void carry_out(delivery_request x, on_answer done) override {
    commands.push_back(std::get<write_request>(x).bytes);
    done(write_answer{error});
  }

  std::vector<std::string> commands;
  std::string error;
};

struct fixture : journal_fixture {
  telemetry_actor watcher = spawn(telemetry, log);
  std::shared_ptr<fake_wire> wire = std::make_shared<fake_wire>();
  light_plan plan = desk();

  static light_plan desk() {
    light_plan plan;
    plan.name = "desk";
    plan.driver = "fake";
    lights::effect green;
    green.what = lights::show::on;
    green.color = {{0, 255, 0}};
    green.lasts = 2s;
    match_spec open;
    open.kind = {"connection_open"};
    plan.rules.on.push_back({matcher::compile(open).value(), green});
    plan.pace.max_rate = 5;
    plan.lamp = std::make_shared<fake_lamp>();
    return plan;
  }

  light_actor add_lamp() {
    return spawn(light, plan, log, transport_ptr{wire}, watcher);
  }

  event_feed_ptr watch(match_spec spec = {}) {
    auto feed = std::make_shared<event_feed>(matcher::compile(spec).value());
    send(watcher, atoms::watch::value, feed);
    return feed;
  }

  light_status lamp_status() {
    const auto x = ask<engine_picture_ptr>(watcher, atoms::status::value);
    BOOST_REQUIRE(x->lights.size() == 1U);
    return x->lights[0];
  }
};

std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + what.size()))
    ++n;
  return n;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_viewer_sees_the_last_events_and_then_each_new_one,
                        fixture) {
  journal_events(batch_of({"before"}));
  const auto feed = watch();
  journal_events(batch_of({"after"}));
  const auto text = feed->take(0ms).value();
  BOOST_TEST(occurrences(text, "\"before\"") == 1U);
  BOOST_TEST(occurrences(text, "\"after\"") == 1U);
  BOOST_TEST(text.find("\"before\"") < text.find("\"after\""));
}

BOOST_FIXTURE_TEST_CASE(a_second_viewer_sees_each_event_once, fixture) {
  const auto first = watch();
  journal_events(batch_of({"ann"}));
  const auto second = watch();
  journal_events(batch_of({"bob"}));
  for (const auto& feed : {first, second}) {
    const auto text = feed->take(0ms).value();
    BOOST_TEST(occurrences(text, "\"ann\"") == 1U);
    BOOST_TEST(occurrences(text, "\"bob\"") == 1U);
  }
}

BOOST_FIXTURE_TEST_CASE(a_filter_lets_through_what_was_asked_for, fixture) {
  match_spec spec;
  spec.user = {"LAB/a*"};
  const auto feed = watch(spec);
  journal_events(batch_of({"ann", "bob", "abe"}));
  const auto text = feed->take(0ms).value();
  BOOST_TEST(occurrences(text, "\"ann\"") == 1U);
  BOOST_TEST(occurrences(text, "\"abe\"") == 1U);
  BOOST_TEST(occurrences(text, "\"bob\"") == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_slow_viewer_is_told_how_much_it_missed, fixture) {
  const auto feed = watch();
  for (int i = 0; i < 10; ++i)
    journal_events(batch_of(100));
  const auto text = feed->take(0ms).value();
  BOOST_TEST(occurrences(text, "data: ") <= event_feed::max_frames + 1);
  BOOST_TEST(text.find("event: skipped\ndata: {\"events\":489}")
             != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_viewer_who_left_holds_nothing_back, fixture) {
  const auto feed = watch();
  feed->close();
  BOOST_TEST(!feed->take(0ms));
  journal_events(batch_of({"ann"}));
  journal_events(batch_of({"bob"}));
  advance(2s);
  BOOST_TEST(!state_of<telemetry_state>(watcher).following);
  BOOST_TEST(tail().bytes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_lamp_shows_an_event_and_returns_to_idle, fixture) {
  const auto desk = add_lamp();
  journal_events(batch_of({"ann"}));
  advance(500ms);
  BOOST_TEST(lamp_status().shows.color == "#00ff00");
  BOOST_TEST(lamp_status().events == 1U);
  advance(3s);
  BOOST_TEST(lamp_status().shows.show == "off");
  BOOST_TEST(lamp_status().state == "up");
}

BOOST_FIXTURE_TEST_CASE(a_flood_costs_a_lamp_a_few_commands, fixture) {
  const auto desk = add_lamp();
  for (int i = 0; i < 100; ++i) {
    journal_events(batch_of(20));
    advance(10ms, 10ms);
  }
  BOOST_TEST(wire->commands.size() <= 8U);
  advance(500ms);
  BOOST_TEST(lamp_status().events == 2000U);
}

BOOST_FIXTURE_TEST_CASE(a_lamp_that_fails_is_told_again_when_it_is_back,
                        fixture) {
  wire->error = "unplugged";
  const auto desk = add_lamp();
  advance(5s);
  BOOST_TEST(lamp_status().state != "up");
  BOOST_TEST(lamp_status().last_error == "unplugged");
  wire->error.clear();
  advance(1min);
  BOOST_TEST(lamp_status().state == "up");
  BOOST_TEST(lamp_status().last_error.empty());
}

BOOST_FIXTURE_TEST_CASE(a_stopped_lamp_goes_to_idle_first, fixture) {
  const auto desk = add_lamp();
  journal_events(batch_of({"ann"}));
  advance(500ms);
  BOOST_TEST(wire->commands.back() == "on");
  ask<caf::ok_atom>(desk, atoms::stop::value);
  BOOST_TEST(wire->commands.back() == "off");
}

BOOST_FIXTURE_TEST_CASE(a_lamp_shows_that_a_destination_has_given_up, fixture) {
  lights::level_rule level;
  level.of = lights::measure::breaker_open;
  lights::effect red;
  red.what = lights::show::on;
  red.color = {{255, 0, 0}};
  red.priority = 10;
  level.steps.push_back({1, red});
  plan.rules.levels.push_back(level);
  const auto desk = add_lamp();
  destination_status hook;
  hook.name = "hook";
  hook.breaker = "open";
  send(watcher, hook);
  advance(2s);
  BOOST_TEST(lamp_status().shows.color == "#ff0000");
  hook.breaker = "closed";
  send(watcher, hook);
  advance(2s);
  BOOST_TEST(lamp_status().shows.show == "off");
}

BOOST_FIXTURE_TEST_CASE(a_lamp_shows_how_many_events_a_minute_there_are,
                        fixture) {
  lights::level_rule level;
  level.of = lights::measure::events_per_minute;
  match_spec ann;
  ann.user = {"LAB/ann"};
  level.match = matcher::compile(ann).value();
  lights::effect blue;
  blue.what = lights::show::on;
  blue.color = {{0, 0, 255}};
  blue.priority = 10;
  level.steps.push_back({3, blue});
  plan.rules.on.clear();
  plan.rules.levels.push_back(level);
  const auto desk = add_lamp();
  journal_events(batch_of({"ann", "ann", "bob", "bob"}));
  advance(2s);
  BOOST_TEST(lamp_status().shows.show == "off");
  journal_events(batch_of({"ann"}));
  advance(2s);
  BOOST_TEST(lamp_status().shows.color == "#0000ff");
  advance(1min);
  BOOST_TEST(lamp_status().shows.show == "off");
}

BOOST_AUTO_TEST_CASE(the_ledger_reads_as_documented) {
  books b;
  b.open_account("broker", {}, 0);
  b.received(2);
  b.parsed({.parsed = 1, .malformed = 1, .events = 1});
  b.journaled(1);
  const auto text = ledger_json(b.picture());
  BOOST_TEST(text.starts_with("{\"balanced\":true,"));
  BOOST_TEST(text.find("\"rejected\":{\"malformed\":1,\"oversized\":0,"
                       "\"source\":0,\"encoding\":0}")
             != std::string::npos);
  BOOST_TEST(text.find("\"waiting\":1,\"in_flight\":0}") != std::string::npos);
  BOOST_TEST(ledger_line(b.picture()).starts_with("ledger balanced: "));
}

BOOST_AUTO_TEST_CASE(metrics_escape_what_names_hold) {
  books b;
  b.name_rules({"a \"quoted\" rule"}, {});
  const auto text = metrics_text({}, b.picture());
  BOOST_TEST(text.find("rule=\"a \\\"quoted\\\" rule\"") != std::string::npos);
}
