#include "net/dns_sd.hpp"
#include "tests/net/dns_message.hpp"
#include "tests/support/hex.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>

using namespace signalbox;
using namespace signalbox::test;

namespace {

constexpr std::uint16_t id = 0x1234;

/// What a bridge answers to a question from a port of its asker's choice.
const auto bridge_answer = from_hex(
  "1234 8400 0001 0001 0000 0003 "
  // The question: _hue._tcp.local PTR IN.
  "04 5f687565 04 5f746370 05 6c6f63616c 00 000c 0001 "
  // PTR "Hue - 1A2B3C", and the rest of the name at byte 12.
  "c00c 000c 0001 0000000a 000f 0c 487565202d20314132423343 c00c "
  // SRV, class IN with the cache-flush bit: port 443, hue-1a2b3c.local.
  "c02d 0021 8001 0000000a 0013 0000 0000 01bb 0a 6875652d316132623363 c016 "
  // TXT bridgeid=001788fffe1a2b3c modelid=BSB002.
  "c02d 0010 8001 0000000a 0029 "
  "19 6272696467656964 3d 30303137383866666665316132623363 "
  "0e 6d6f64656c6964 3d 425342303032 "
  // A 192.0.2.17.
  "c04e 0001 8001 0000000a 0004 c0000211");

const labels hue{"_hue", "_tcp", "local"};
const labels lamp{"Lamp", "_hue", "_tcp", "local"};
const labels host{"lamp", "local"};
const std::string loopback{"\x7f\x00\x00\x01", 4};

struct browsing {
  static constexpr std::array<std::string_view, 2> types{"_hue._tcp",
                                                         "_wled._tcp"};
  net::service_browser browser{types, id};

  void hear(const std::vector<std::string>& records) {
    browser.hear({}, response(id, records));
  }

  /// The names and types of the questions of a round, "lamp.local 1".
  std::vector<std::string> asked(unsigned round) {
    std::vector<std::string> out;
    for (const auto& x : browser.questions(round)) {
      BOOST_REQUIRE(x.size() > 16);
      BOOST_TEST(x.substr(0, 12) == from_hex("1234 0000 0001 0000 0000 0000"));
      std::string text;
      std::size_t at = 12;
      while (x[at] != 0) {
        const auto size = static_cast<std::size_t>(x[at]);
        text += (text.empty() ? "" : ".") + x.substr(at + 1, size);
        at += size + 1;
      }
      BOOST_TEST(x.substr(at + 3) == u16(1));
      out.push_back(text + " " + std::to_string(x[at + 2]));
    }
    std::ranges::sort(out);
    return out;
  }
};

using texts = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_browser, browsing)

BOOST_AUTO_TEST_CASE(reads_an_answer_that_has_everything) {
  browser.hear({}, bridge_answer);
  const auto found = browser.instances();
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  const auto& x = found.front();
  BOOST_TEST(x.type == "_hue._tcp");
  BOOST_TEST(x.name == "Hue - 1A2B3C");
  BOOST_TEST(x.host == "hue-1a2b3c.local");
  BOOST_TEST(x.port == 443);
  BOOST_REQUIRE_EQUAL(x.addresses.size(), 1U);
  BOOST_TEST(address_text(x.addresses.front()) == "192.0.2.17");
  const std::map<std::string, std::string> txt{{"bridgeid", "001788fffe1a2b3c"},
                                               {"modelid", "BSB002"}};
  BOOST_TEST((x.txt == txt));
}

BOOST_AUTO_TEST_CASE(asks_for_each_type_twice) {
  const texts all{"_hue._tcp.local 12", "_wled._tcp.local 12"};
  BOOST_TEST(asked(0) == all, boost::test_tools::per_element());
  BOOST_TEST(asked(1).empty());
  BOOST_TEST(asked(2) == all, boost::test_tools::per_element());
  BOOST_TEST(asked(3).empty());
}

BOOST_AUTO_TEST_CASE(asks_for_what_an_answer_left_out) {
  const auto per_element = boost::test_tools::per_element();
  hear({ptr(hue, lamp)});
  BOOST_TEST(browser.instances().empty());
  BOOST_TEST(asked(1)
               == (texts{"lamp._hue._tcp.local 16", "lamp._hue._tcp.local 33"}),
             per_element);
  hear({srv(lamp, 80, host)});
  BOOST_TEST(asked(1) == (texts{"lamp._hue._tcp.local 16", "lamp.local 1"}),
             per_element);
  hear({record(host, type_a, loopback)});
  BOOST_TEST(asked(1) == texts{"lamp._hue._tcp.local 16"}, per_element);
  BOOST_TEST(browser.instances().size() == 1U);
  hear({txt(lamp, {})});
  BOOST_TEST(asked(1).empty());
}

BOOST_AUTO_TEST_CASE(reads_records_in_any_order_and_names_in_any_case) {
  hear({record({"LAMP", "Local"}, type_a, loopback),
        txt({"LAMP", "_HUE", "_TCP", "LOCAL"}, {"ModelID=1", "modelid=2"}),
        srv(lamp, 80, host), ptr({"_HUE", "_tcp", "local"}, lamp)});
  const auto found = browser.instances();
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found.front().name == "Lamp");
  BOOST_TEST(found.front().txt.at("modelid") == "1");
}

BOOST_AUTO_TEST_CASE(takes_any_bytes_in_a_name) {
  const std::string odd = "Lamp.\"\\\n\xff (1)";
  const labels self{odd, "_hue", "_tcp", "local"};
  hear({ptr(hue, self), srv(self, 80, host), record(host, type_a, loopback)});
  const auto found = browser.instances();
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found.front().name == odd);
}

BOOST_AUTO_TEST_CASE(believes_nothing_that_it_did_not_ask_for) {
  const labels printer{"_ipp", "_tcp", "local"};
  hear({ptr(printer, {"P", "_ipp", "_tcp", "local"}),
        ptr(hue, {"P", "_ipp", "_tcp", "local"}), ptr(hue, {"local"}),
        ptr(hue, hue), ptr(hue, {}), srv(lamp, 80, host),
        record(host, type_a, loopback)});
  BOOST_TEST(browser.instances().empty());
  BOOST_TEST(asked(1).empty());
}

BOOST_AUTO_TEST_CASE(takes_back_nothing_and_believes_no_goodbye) {
  hear({record(hue, type_ptr, name(lamp), 0), srv(lamp, 80, host),
        record(host, type_a, loopback)});
  BOOST_TEST(browser.instances().empty());
}

BOOST_AUTO_TEST_CASE(hears_its_own_answers_and_those_for_everybody) {
  const texts all{ptr(hue, lamp), srv(lamp, 80, host),
                  record(host, type_a, loopback)};
  browser.hear({}, response(id + 1, all));
  BOOST_TEST(browser.instances().empty());
  browser.hear({}, response(0, all));
  BOOST_TEST(browser.instances().size() == 1U);
}

BOOST_AUTO_TEST_CASE(keeps_a_bounded_number_of_everything) {
  for (int i = 0; i < 1'000; ++i) {
    const labels self{"L" + std::to_string(i), "_hue", "_tcp", "local"};
    hear({ptr(hue, self), srv(self, 80, host)});
  }
  for (int i = 0; i < 100; ++i)
    hear({record(host, type_a, loopback.substr(0, 3) + static_cast<char>(i))});
  labels items;
  for (int i = 0; i < 100; ++i)
    items.push_back("k" + std::to_string(i) + "=v");
  hear({txt({"L0", "_hue", "_tcp", "local"}, items)});
  BOOST_TEST(asked(1).size() == 64U);
  const auto found = browser.instances();
  BOOST_TEST(found.size() == 256U);
  BOOST_TEST(found.front().addresses.size() == 8U);
  BOOST_TEST(found.front().txt.size() == 64U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_dns_answer)

BOOST_AUTO_TEST_CASE(is_refused_unless_it_is_whole) {
  BOOST_TEST(net::parse_dns_answer(bridge_answer).has_value());
  for (std::size_t n = 0; n < bridge_answer.size(); ++n)
    BOOST_TEST(!net::parse_dns_answer(bridge_answer.substr(0, n)));
  BOOST_TEST(!net::parse_dns_answer(bridge_answer + '\0'));
}

BOOST_AUTO_TEST_CASE(is_refused_if_it_is_a_question_or_an_error) {
  const texts one{ptr(hue, lamp)};
  BOOST_TEST(net::parse_dns_answer(response(id, one)).has_value());
  BOOST_TEST(!net::parse_dns_answer(response(id, one, 0x0000)));
  BOOST_TEST(!net::parse_dns_answer(response(id, one, 0x8403)));
}

BOOST_AUTO_TEST_CASE(is_refused_if_a_record_is_damaged) {
  for (const auto& x :
       {record(host, type_a, "abc"), record(host, type_a, "abcde"),
        record(host, type_aaaa, "abcd"), record(hue, type_ptr, ""),
        record(lamp, type_srv, u16(0) + u16(0) + u16(80)),
        // A name that runs out of its record; one that points at itself.
        record(hue, type_ptr, "\x04lamp"), record(hue, type_ptr, "\xc0\x27")})
    BOOST_TEST(!net::parse_dns_answer(response(id, {x, ptr(hue, lamp)})));
}

BOOST_FIXTURE_TEST_CASE(may_have_txt_of_any_bytes, browsing) {
  // No string, one without a key, one without a value, and one that is longer
  // than what is left.
  const auto items = strings({"a=1", "", "=x", "B"}) + "\xff" + "c=3=4";
  hear({ptr(hue, lamp), srv(lamp, 80, host), record(host, type_a, loopback),
        record(lamp, type_txt, items)});
  const auto found = browser.instances();
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  const std::map<std::string, std::string> expected{
    {"a", "1"}, {"b", ""}, {"c", "3=4"}};
  BOOST_TEST((found.front().txt == expected));
}

BOOST_AUTO_TEST_SUITE_END()
