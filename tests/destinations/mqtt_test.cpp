#include "formats/event_json.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using test::configured;
using test::goran;

namespace {

constexpr auto broker = "kind = \"mqtt\"\nurl = \"mqtt://h\"\n";

event of(event_kind kind) {
  auto x = goran();
  x.kind = kind;
  return x;
}

/// "topic payload, topic payload" of one request.
std::string published(driver& x, const std::vector<event>& events) {
  std::vector<const event*> pointers;
  for (const auto& event : events)
    pointers.push_back(&event);
  const auto request = x.shape(pointers, "key");
  if (!request)
    return request.error().what;
  std::string text;
  for (const auto& [topic, payload] :
       std::get<mqtt_request>(*request).publications)
    text += (text.empty() ? "" : ", ") + topic + " " + payload;
  return text;
}

std::string published(std::string_view keys, const event& what) {
  const configured x{std::string{broker}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return published(*x.it, {what});
}

net::mqtt_options options(std::string_view keys) {
  const configured x{"kind = \"mqtt\"\n" + std::string{keys}};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return std::get<net::mqtt_options>(x.it->open_transport());
}

} // namespace

BOOST_AUTO_TEST_CASE(publishes_to_the_topic_of_the_command) {
  struct {
    event_kind kind;
    std::string_view expected;
  } const rows[]{
    {event_kind::session_start, "qliksense/session/start pro2-win1: LAB/goran"},
    {event_kind::session_stop, "qliksense/session/stop pro2-win1: LAB/goran"},
    {event_kind::connection_open,
     "qliksense/connection/open pro2-win1: LAB/goran"},
    {event_kind::connection_close,
     "qliksense/connection/close pro2-win1: LAB/goran"},
    {event_kind::other, ""},
  };
  for (const auto& row : rows)
    BOOST_TEST(published("", of(row.kind)) == row.expected);
}

BOOST_AUTO_TEST_CASE(publishes_to_every_besides) {
  const auto keys = "topics = { every = \"all\", session_stop = \"\" }";
  BOOST_TEST(published(keys, goran())
             == "qliksense/session/start pro2-win1: LAB/goran, "
                "all pro2-win1: LAB/goran");
  BOOST_TEST(published(keys, of(event_kind::session_stop))
             == "all pro2-win1: LAB/goran");
  BOOST_TEST(published(keys, of(event_kind::other))
             == "all pro2-win1: LAB/goran");
}

BOOST_AUTO_TEST_CASE(keeps_values_within_one_topic_level) {
  auto x = goran();
  x.host = "a/b+c#d";
  x.user_id = {};
  BOOST_TEST(published("payload = \"{{kind}}\"\ntopics = { session_start = "
                       "\"q/{{host}}/{{user.id}}/{{user.directory}}\" }",
                       x)
             == "q/a_b_c_d/_/LAB session_start");
}

BOOST_AUTO_TEST_CASE(refuses_an_event_whose_topic_is_too_long) {
  const std::string host(70'000, 'h');
  auto x = goran();
  x.host = host;
  BOOST_TEST(published("topics = { every = \"{{host}}\" }", x)
             == "the topic exceeds 65,535 bytes");
}

BOOST_AUTO_TEST_CASE(offers_json_payloads) {
  std::string own;
  append_json(own, goran());
  std::string sos;
  append_sos_json(sos, goran());
  BOOST_TEST(published("payload = \"json\"", goran())
             == "qliksense/session/start " + own);
  BOOST_TEST(published("payload = \"sos\"", goran())
             == "qliksense/session/start " + sos);
}

BOOST_AUTO_TEST_CASE(reads_the_broker_from_its_url) {
  const auto plain = options("url = \"mqtt://us%40er:p%3Ass@b.example\"");
  BOOST_TEST(plain.host == "b.example");
  BOOST_TEST(plain.port == 1883);
  BOOST_TEST(plain.username == "us@er");
  BOOST_TEST(plain.password == "p:ss");
  BOOST_TEST(!plain.tls.has_value());
  BOOST_TEST(!plain.last_will.has_value());
  const auto secure = options("url = \"mqtts://b.example:9\"\nverify = false\n"
                              "username = \"u\"\npassword = \"p\"\n"
                              "client_id = \"c\"");
  BOOST_TEST(secure.port == 9);
  BOOST_TEST(secure.username == "u");
  BOOST_TEST(secure.password == "p");
  BOOST_TEST(secure.client_id == "c");
  BOOST_TEST_REQUIRE(secure.tls.has_value());
  BOOST_TEST(!secure.tls->verify);
  BOOST_TEST(options("url = \"mqtts://h\"").port == 8883);
  BOOST_TEST(options("url = \"mqtts://h\"").tls->verify);
}

BOOST_AUTO_TEST_CASE(refuses_names_that_mqtt_cannot_carry) {
  struct {
    std::string_view keys;
    std::string_view complaint;
  } const rows[]{
    {"url = \"mqtt://caf%E9:pw@h\"", "url: the user name must be UTF-8"},
    {"url = \"mqtt://joe:p%00w@h\"", "url: the password must be UTF-8"},
    {"url = \"mqtt://h\"\nusername = \"jo\\u0007e\"",
     "username: the user name must be UTF-8"},
    {"url = \"mqtt://joe@h\"\npassword = \"p\\nw\"",
     "password: the password must be UTF-8"},
    {"url = \"mqtt://h\"\nclient_id = \"box\\u0085\"",
     "client_id: the client id must be UTF-8"},
  };
  for (const auto& row : rows) {
    const configured x{"kind = \"mqtt\"\n" + std::string{row.keys}};
    const auto complaint = x.complaint();
    BOOST_TEST(complaint.find(row.complaint) != std::string::npos, complaint);
    BOOST_TEST(complaint.find("joe") == std::string::npos, complaint);
  }
  BOOST_TEST(options("url = \"mqtt://caf%C3%A9:pw@h\"").username == "café");
}

BOOST_AUTO_TEST_CASE(tells_its_status_to_whoever_subscribes_later) {
  const auto x = options("url = \"mqtt://h\"\nstatus_topic = \"s/t\"");
  BOOST_TEST_REQUIRE((x.online && x.last_will));
  BOOST_TEST(x.online->topic == "s/t");
  BOOST_TEST(x.online->payload == "online");
  BOOST_TEST(x.online->retain);
  BOOST_TEST(x.last_will->topic == "s/t");
  BOOST_TEST(x.last_will->payload == "offline");
  BOOST_TEST(x.last_will->retain);
}

BOOST_AUTO_TEST_CASE(hands_on_quality_of_service_retain_and_time_out) {
  const configured x{std::string{broker}
                     + "qos = 2\nretain = true\ntimeout = \"3s\""};
  const auto request =
    std::get<mqtt_request>(test::shape(*x.it, goran()).value());
  BOOST_TEST(request.qos == 2);
  BOOST_TEST(request.retain);
  BOOST_TEST(request.timeout.count() == 3000);
  BOOST_TEST(std::get<mqtt_request>(*x.it->probe()).publications.empty());
}

BOOST_AUTO_TEST_CASE(counts_whole_events_when_a_request_breaks_off) {
  const configured x{std::string{broker}
                     + "topics = { every = \"all\", connection_open = \"\" }"};
  // Publications: 2, 1, 2.
  const std::vector events{goran(), of(event_kind::connection_open), goran()};
  const auto done = [&](std::size_t acknowledged) {
    published(*x.it, events);
    return x.it->judge(mqtt_answer{acknowledged, "gone", false}, wall_time{})
      .done;
  };
  const std::vector<std::size_t> expected{0, 0, 1, 2, 2, 3};
  for (std::size_t i = 0; i < expected.size(); ++i)
    BOOST_TEST(done(i) == expected[i], i);
}

BOOST_AUTO_TEST_CASE(counts_nothing_as_done_when_requests_overlap) {
  const configured x{std::string{broker} + "concurrency = 2"};
  published(*x.it, {goran(), goran()});
  published(*x.it, {goran()});
  const auto made = x.it->judge(mqtt_answer{1, "gone", false}, wall_time{});
  BOOST_TEST((made.what == outcome::retry));
  BOOST_TEST(made.done == 0U);
}

BOOST_AUTO_TEST_CASE(judges_what_the_broker_says) {
  const configured x{broker};
  published(*x.it, {goran()});
  const auto judge = [&](const mqtt_answer& answer) {
    return x.it->judge(answer, wall_time{}).what;
  };
  BOOST_TEST((judge({1, "", false}) == outcome::delivered));
  BOOST_TEST((judge({0, "no connection", false}) == outcome::retry));
  BOOST_TEST((judge({0, "bad password", true}) == outcome::destination_fault));
}
