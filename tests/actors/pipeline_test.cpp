// The actors together, on a clock that the test moves: from a datagram to a
// request, without a socket.
#include "actors/limiter.hpp"
#include "actors/parser.hpp"
#include "tests/actors/destination_fixture.hpp"

#include <deque>
#include <string>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

using fixture = destination_fixture;

datagram_batch_ptr datagrams(const std::vector<std::string>& texts) {
  auto x = std::make_shared<datagram_batch>();
  for (const auto& text : texts) {
    datagram d;
    d.offset = static_cast<std::uint32_t>(x->bytes.size());
    d.length = static_cast<std::uint32_t>(text.size());
    d.received = noon;
    x->items.push_back(d);
    x->bytes.insert(x->bytes.end(), text.begin(), text.end());
  }
  x->bytes.resize(x->bytes.size() + datagram_batch::padding);
  return x;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(datagrams_become_requests_and_the_credit_comes_back,
                        fixture) {
  const auto hook = add("hook");
  admission_rules rules;
  rules.excludes.emplace_back().name = "robots";
  rules.excludes.back().match.user = {"LAB/robot"};
  auto plan = std::make_shared<limiter_plan>();
  plan->rules = std::make_unique<admission>(admission::make(rules).value());
  plan->exclude_names = {"robots"};
  auto gate = spawn(limiter, plan, log, ledger);
  auto entrance = spawn(
    parser, parser_plan{"udp", {}, std::nullopt, id_source{"node", noon, 0}},
    gate, ledger);
  auto line = std::make_shared<credit_line>(1);
  auto batch = datagrams(
    {"srv;Start session;LAB;joe", "noise", "srv;Stop session;LAB;robot"});
  batch->credit = line->take(0ms);
  ledger->received(3);
  send(entrance, std::move(batch));
  BOOST_REQUIRE(requests(hook).size() == 1);
  BOOST_TEST(requests(hook)[0].body == "joe\n");
  const auto x = ledger->picture();
  BOOST_TEST(x.imbalance() == 0U);
  BOOST_TEST(x.at_rest());
  BOOST_TEST(x.ingest.malformed == 1U);
  BOOST_TEST(x.events.excluded == 1U);
  BOOST_TEST(x.destinations.at("hook").delivered == 1U);
  BOOST_TEST(static_cast<bool>(line->take(0ms)));
}

BOOST_FIXTURE_TEST_CASE(an_hour_of_an_outage_loses_nothing, fixture) {
  delivery::options patient;
  patient.attempts = 0;
  std::deque<http_answer> down;
  for (int i = 0; i < 1000; ++i)
    down.push_back({0, "", "", "connection refused"});
  const auto bad = add("bad", patient, down);
  const auto good = add("good");
  for (int minute = 0; minute < 60; ++minute) {
    journal_events(batch_of(2));
    advance(1min, 1s);
  }
  // The dead one is asked with pauses, and the other one does not notice.
  BOOST_TEST(terms("good").delivered == 120U);
  BOOST_TEST(terms("bad").delivered == 0U);
  BOOST_TEST(requests(bad).size() > 10U);
  BOOST_TEST(requests(bad).size() < 100U);
  other_side(bad).answers.clear();
  advance(10min, 1s);
  BOOST_TEST(terms("bad").delivered == 120U);
}

BOOST_FIXTURE_TEST_CASE(retries_carry_the_same_key_and_come_in_order, fixture) {
  delivery::options pace;
  pace.retry_initial = 1s;
  const auto hook = add("hook", pace, {{503, "", "", ""}, {429, "", "7", ""}});
  journal_events(batch_of({"ann", "bob"}));
  advance(30s);
  const auto& sent = requests(hook);
  BOOST_REQUIRE(sent.size() == 4U);
  BOOST_TEST(sent[0].body == "ann\n");
  BOOST_TEST(sent[1].url == sent[0].url);
  BOOST_TEST(sent[2].url == sent[0].url);
  BOOST_TEST(sent[3].body == "bob\n");
  BOOST_TEST(sent[3].url != sent[0].url);
  BOOST_TEST(terms("hook").delivered == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_driver_that_throws_loses_only_its_own_event,
                        fixture) {
  const auto hook = add("hook");
  journal_events(batch_of({"unspeakable", "ann"}));
  BOOST_TEST(terms("hook").dead_lettered == 1U);
  BOOST_TEST(terms("hook").delivered == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_new_destination_starts_at_the_end, fixture) {
  const auto first = add("first");
  journal_events(batch_of({"old"}));
  const auto second = add("second");
  journal_events(batch_of({"new"}));
  BOOST_TEST(requests(first).size() == 2U);
  BOOST_REQUIRE(requests(second).size() == 1U);
  BOOST_TEST(requests(second)[0].body == "new\n");
  BOOST_TEST(terms("second").journaled == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_journal_counts_what_each_destination_missed) {
  storage::log_options small;
  small.max_memory = 4 * batch_of(100)->bytes();
  fixture f{small};
  f.add("hook", {}, {{0, "", "", "down"}});
  f.add("fast");
  for (int i = 0; i < 20; ++i)
    f.journal_events(batch_of(100));
  f.advance(1min);
  const auto slow = f.terms("hook");
  BOOST_TEST(slow.dropped >= 1000U);
  BOOST_TEST(slow.delivered + slow.dropped == 2000U);
  BOOST_TEST(f.terms("fast").delivered == 2000U);
}

BOOST_AUTO_TEST_CASE(a_full_journal_sheds_the_newest_when_told_so) {
  storage::log_options small;
  small.max_memory = 2 * batch_of(10)->bytes();
  small.full = storage::when_full::drop_newest;
  fixture f{small};
  delivery::options stuck;
  stuck.attempts = 0;
  f.add("hook", stuck, {{401, "", "", ""}});
  for (int i = 0; i < 5; ++i)
    f.journal_events(batch_of(10));
  const auto x = f.ledger->picture();
  BOOST_TEST(x.imbalance() == 0U);
  BOOST_TEST(x.events.journaled == 20U);
  BOOST_TEST(x.events.shed == 30U);
}

BOOST_FIXTURE_TEST_CASE(telemetry_knows_how_destinations_do, fixture) {
  delivery::options pace;
  pace.attempts = 0;
  add("hook", pace, {{401, "", "", ""}});
  journal_events(batch_of({"ann"}));
  auto x = ask<engine_picture_ptr>(watcher, atoms::status::value);
  BOOST_REQUIRE(x->destinations.size() == 1U);
  BOOST_TEST(x->destinations[0].state == "open");
  BOOST_TEST(x->destinations[0].last_error.find("401") != std::string::npos);
  advance(1min);
  x = ask<engine_picture_ptr>(watcher, atoms::status::value);
  BOOST_TEST(x->destinations[0].state == "idle");
  BOOST_TEST(x->destinations[0].last_error.empty());
}
