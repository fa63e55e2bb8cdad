#include "storage/pull.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <variant>

using namespace signalbox;
using namespace signalbox::storage;
using signalbox::test::batch_of;

namespace {

std::shared_ptr<const interest> events_of(const std::string& user) {
  match_spec spec;
  spec.user = {user};
  return std::make_shared<interest>(interest{*matcher::compile(spec), {}});
}

slice shown(sequence from, const event_batch_ptr& batch) {
  slice x;
  x.from = from;
  x.end = from + batch->events.size();
  x.batches.push_back({from, batch});
  return x;
}

/// A log whose events [1, 10) are in the store.
log_tail log_on_disk() {
  recovered former;
  former.log = {.oldest = 1, .next = 10, .bytes = 4'096};
  return log_tail{log_options{}, true, former};
}

} // namespace

BOOST_AUTO_TEST_CASE(passes_over_only_what_nobody_waits_for) {
  pull ann{3, 100, events_of("LAB/ann")};
  pull bob{3, 100, events_of("LAB/bob")};
  pull all{3, 100, nullptr};
  pull behind{1, 100, events_of("LAB/ann")};
  BOOST_TEST(ann.is_choosy_at(3));
  BOOST_TEST(!all.is_choosy_at(3));
  BOOST_TEST(!behind.is_choosy_at(3));
  const auto events = shown(3, batch_of({"bob", "eve"}));
  BOOST_TEST(!pull::pass_over({&bob}, events));
  BOOST_TEST(pull::pass_over({&bob, &ann}, events));
  BOOST_TEST(ann.is_choosy_at(5));
  BOOST_TEST(bob.is_choosy_at(3));
}

BOOST_AUTO_TEST_CASE(tells_what_was_passed_over_when_asked_to) {
  const log_tail log{log_options{}, false, {}};
  pull ann{1, 100, events_of("LAB/ann")};
  BOOST_TEST(std::holds_alternative<std::monostate>(ann.answer(log, true)));
  BOOST_REQUIRE(pull::pass_over({&ann}, shown(1, batch_of({"bob", "eve"}))));
  BOOST_TEST(std::holds_alternative<std::monostate>(ann.answer(log, false)));
  const auto found = ann.answer(log, true);
  BOOST_REQUIRE(std::holds_alternative<slice>(found));
  const auto& x = std::get<slice>(found);
  BOOST_TEST(x.from == 1U);
  BOOST_TEST(x.wanted_from == 3U);
  BOOST_TEST(x.end == 3U);
  BOOST_TEST(x.batches.empty());
}

BOOST_AUTO_TEST_CASE(what_is_in_the_store_comes_after_what_was_passed_over) {
  const auto log = log_on_disk();
  pull ann{3, 100, events_of("LAB/ann")};
  using in_store = log_tail::in_store;
  BOOST_TEST(std::holds_alternative<in_store>(ann.answer(log, false)));
  BOOST_REQUIRE(pull::pass_over({&ann}, shown(3, batch_of({"bob"}))));
  const auto found = ann.answer(log, false);
  BOOST_REQUIRE(std::holds_alternative<slice>(found));
  BOOST_TEST(std::get<slice>(found).from == 3U);
  BOOST_TEST(std::get<slice>(found).end == 4U);
}
