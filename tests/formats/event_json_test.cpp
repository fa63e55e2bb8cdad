#include "formats/event_json.hpp"
#include "formats/wire_parser.hpp"
#include "tests/formats/batch.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

using namespace signalbox;

namespace {

constexpr std::array tags{attribute{"env", "test \"1\""},
                          attribute{"räume", "a\\b"}};

event full_event() {
  event x;
  x.id = {0x0193'52b4'5cab'7001, 0x8002'0000'0000'0003};
  x.kind = event_kind::connection_open;
  x.ambiguous = true;
  x.command = "Open connection";
  x.host = "pro2-win1";
  x.user_directory = "LAB";
  x.user_id = "LAB\\göran";
  x.origin = "AppAccess";
  x.context = "/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  x.message = "said \"hello\" </script>";
  x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  x.app_name = "Sales Discovery";
  x.user_agent = "Mozilla/5.0";
  x.browser = "Chrome";
  x.browser_major = "119";
  x.os = "Windows";
  x.os_version = "10";
  x.source.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 7};
  x.received = test::received_at;
  x.attributes = tags;
  return x;
}

event small_event() {
  event x;
  x.kind = event_kind::session_start;
  x.command = "Start session";
  x.host = "pro2-win1";
  return x;
}

std::string json_of(const event& x) {
  std::string out;
  append_json(out, x);
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(writes_our_own_form) {
  BOOST_TEST(
    json_of(full_event())
    == R"({"kind":"connection_open","command":"Open connection",)"
       R"("host":"pro2-win1","user":{"directory":"LAB","id":"LAB\\göran"},)"
       R"("origin":"AppAccess",)"
       R"("context":"/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69",)"
       R"("message":"said \"hello\" </script>",)"
       R"("app":{"id":"a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69",)"
       R"("name":"Sales Discovery"},)"
       R"("user_agent":{"text":"Mozilla/5.0","browser":"Chrome",)"
       R"("browser_major":"119","os":"Windows","os_version":"10"},)"
       R"("time":"2026-11-22T09:15:02.000Z",)"
       R"("id":"019352b4-5cab-7001-8002-000000000003",)"
       R"("sender":"10.0.0.7","ambiguous":true,)"
       R"("attributes":{"env":"test \"1\"","räume":"a\\b"}})");
}

BOOST_AUTO_TEST_CASE(leaves_out_what_is_empty_and_appends) {
  std::string out = "[";
  append_json(out, small_event());
  BOOST_TEST(out
             == R"([{"kind":"session_start","command":"Start session",)"
                R"("host":"pro2-win1","time":"1970-01-01T00:00:00.000Z",)"
                R"("id":"00000000-0000-0000-0000-000000000000"})");
}

BOOST_AUTO_TEST_CASE(prefers_the_senders_time_and_keeps_ours) {
  auto x = small_event();
  x.received = test::received_at;
  x.sent = test::received_at - std::chrono::milliseconds{1};
  x.row_number = 41;
  x.external_id = "A-1";
  const auto out = json_of(x);
  BOOST_TEST(out.ends_with(R"("time":"2026-11-22T09:15:01.999Z",)"
                           R"("received":"2026-11-22T09:15:02.000Z",)"
                           R"("id":"00000000-0000-0000-0000-000000000000",)"
                           R"("external_id":"A-1","row":41})"));
}

BOOST_AUTO_TEST_CASE(writes_what_butler_sos_writes_in_its_order) {
  std::string out;
  append_sos_json(out, full_event());
  BOOST_TEST(out
             == R"({"messageType":"user-event","host":"pro2-win1",)"
                R"("command":"Open connection","userDir":"LAB",)"
                R"("userId":"LAB\\göran","origin":"AppAccess",)"
                R"("context":"/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69",)"
                R"("message":"said \"hello\" </script>",)"
                R"("tags":[{"name":"env","value":"test \"1\""},)"
                R"({"name":"räume","value":"a\\b"}],)"
                R"("appId":"a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69",)"
                R"("appName":"Sales Discovery","uaBrowserName":"Chrome",)"
                R"("uaBrowserMajorVersion":"119","uaOsName":"Windows",)"
                R"("uaOsVersion":"10"})");
  out.clear();
  append_sos_json(out, small_event());
  BOOST_TEST(out
             == R"({"messageType":"user-event","host":"pro2-win1",)"
                R"("command":"Start session","userDir":"","userId":"",)"
                R"("origin":"","context":"","message":"","tags":[]})");
}

BOOST_AUTO_TEST_CASE(writes_a_cloudevent_around_our_own_form) {
  auto x = small_event();
  x.host = "pro2 win/ö";
  std::string out;
  append_cloudevent(out, x);
  BOOST_TEST(out
             == R"({"specversion":"1.0",)"
                R"("id":"00000000-0000-0000-0000-000000000000",)"
                R"("source":"/qlik-sense/pro2%20win%2F%C3%B6",)"
                R"("type":"signalbox.session_start",)"
                R"("time":"1970-01-01T00:00:00.000Z",)"
                R"("datacontenttype":"application/json","data":)"
                  + json_of(x) + "}");
}

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  const auto x = full_event();
  std::string enveloped;
  append_cloudevent(enveloped, x);
  for (const auto& text : {json_of(x), enveloped}) {
    const auto wire = test::make_batch({text});
    event_batch out{wire};
    wire_parser parser{{}, id_source{"test", {}, 1}};
    BOOST_TEST_REQUIRE(!parser.parse(*wire, wire->items[0], out).has_value());
    const auto& y = out.events.at(0);
    for (const auto field :
         {&event::command, &event::host, &event::user_directory,
          &event::user_id, &event::origin, &event::context, &event::message,
          &event::app_id, &event::app_name, &event::user_agent, &event::browser,
          &event::browser_major, &event::os, &event::os_version})
      BOOST_TEST((y.*field) == (x.*field));
    BOOST_TEST((y.kind == x.kind));
    BOOST_TEST(y.ambiguous);
    BOOST_TEST(y.external_id == to_string(x.id));
    BOOST_TEST((y.sent == x.received));
    for (const auto& tag : tags) {
      BOOST_TEST(std::ranges::any_of(y.attributes, [&](const attribute& a) {
        return a.name == tag.name && a.value == tag.value;
      }));
    }
  }
}
