#include "messages/credit.hpp"
#include "messages/endpoint.hpp"
#include "messages/event.hpp"
#include "messages/failure.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace signalbox;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(kinds_have_names_and_commands_that_lead_back) {
  for (int i = 0; i < static_cast<int>(event_kind::count); ++i) {
    const auto kind = static_cast<event_kind>(i);
    BOOST_TEST((kind_from_name(to_string(kind)) == kind));
    BOOST_TEST((kind_from_command(command_of(kind)) == kind));
  }
  BOOST_TEST((kind_from_command("start session") == event_kind::other));
  BOOST_TEST(!kind_from_name("session_begin"));
}

BOOST_AUTO_TEST_CASE(ids_are_uuids_of_version_7_in_the_order_of_time) {
  id_source ids{"node", test::noon, 3};
  std::set<std::string> seen;
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const auto text = to_string(ids.next(test::noon + i * 1ms));
    BOOST_TEST(text.size() == 36);
    BOOST_TEST(text[14] == '7');
    BOOST_TEST((text[19] == '8' || text[19] == '9' || text[19] == 'a'
                || text[19] == 'b'));
    BOOST_TEST(last < text);
    BOOST_TEST(seen.insert(text).second);
    last = text;
  }
}

BOOST_AUTO_TEST_CASE(ids_of_other_lanes_and_boots_differ) {
  const auto first = id_source{"node", test::noon, 0}.next(test::noon);
  BOOST_TEST((first != id_source{"node", test::noon, 1}.next(test::noon)));
  BOOST_TEST((first != id_source{"node", test::noon + 1s, 0}.next(test::noon)));
  BOOST_TEST((first != id_source{"other", test::noon, 0}.next(test::noon)));
}

BOOST_AUTO_TEST_CASE(ids_are_written_whole) {
  BOOST_TEST(to_string(event_id{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210})
             == "01234567-89ab-cdef-fedc-ba9876543210");
  BOOST_TEST(to_string(event_id{}) == "00000000-0000-0000-0000-000000000000");
}

BOOST_AUTO_TEST_CASE(addresses_read_as_people_write_them) {
  endpoint v4;
  v4.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7};
  BOOST_TEST(address_text(v4) == "10.0.0.7");
  v4.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 99, 100, 255};
  BOOST_TEST(address_text(v4) == "0.99.100.255");
  v4.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 200, 101, 10, 9};
  BOOST_TEST(address_text(v4) == "200.101.10.9");
  endpoint v6;
  v6.address[15] = 1;
  BOOST_TEST(address_text(v6) == "::1");
}

BOOST_AUTO_TEST_CASE(credit_comes_back_when_its_batch_is_gone) {
  auto line = std::make_shared<credit_line>(1);
  auto batch = std::make_shared<event_batch>();
  batch->credit = line->take(0ms);
  BOOST_TEST(static_cast<bool>(batch->credit));
  BOOST_TEST(!line->take(0ms));
  batch.reset();
  auto again = line->take(0ms);
  BOOST_TEST(static_cast<bool>(again));
  again.give_back();
  again.give_back();
  auto one = line->take(0ms);
  BOOST_TEST(static_cast<bool>(one));
  BOOST_TEST(!line->take(0ms));
}

BOOST_AUTO_TEST_CASE(a_batch_keeps_text_where_it_is) {
  event_batch batch;
  std::vector<std::string_view> kept;
  for (int i = 0; i < 1000; ++i)
    kept.push_back(batch.keep(std::to_string(i)));
  for (int i = 0; i < 1000; ++i)
    BOOST_TEST(kept[static_cast<std::size_t>(i)] == std::to_string(i));
  BOOST_TEST(batch.bytes() > 2890);
}

BOOST_AUTO_TEST_CASE(every_kind_of_failure_has_a_name) {
  for (int i = 0; i < static_cast<int>(errc::count); ++i)
    BOOST_TEST(!to_string(static_cast<errc>(i)).empty());
}
