#include "lights/hue/pairing.hpp"
#include "tests/lights/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace signalbox;
using namespace std::chrono_literals;
using namespace signalbox::lights::hue;
using signalbox::lights::test::configured;
using state = pairing::state;

namespace {

const mono_time start{};
const std::string uuid = "3883f8bf-30a3-445b-ac06-b047d50599df";

bridge_address bridge(const char* url = "https://192.0.2.7") {
  return parse_bridge(url).value();
}

http_answer answer(int status, std::string body) {
  http_answer x;
  x.status = status;
  x.body = std::move(body);
  return x;
}

http_answer not_pressed() {
  return answer(200, R"([{"error":{"type":101,"address":"","description":)"
                     R"("link button not pressed"}}])");
}

http_answer nobody() {
  http_answer x;
  x.error = "https://192.0.2.7:443: no connection (No route to host)";
  return x;
}

/// Asks once and hears that, at the same moment.
pairing after(const http_answer& x) {
  pairing it{bridge(), "pc", start, 30s};
  static_cast<void>(it.ask(start));
  it.hear(x, start);
  return it;
}

} // namespace

BOOST_AUTO_TEST_CASE(asks_for_a_key_by_name) {
  auto with_pin = bridge();
  with_pin.tls.pin = "sha256//x";
  pairing x{with_pin, "my pc\"}#?-of-a-very-long-name", start, 30s};
  const auto asked = x.ask(start);
  BOOST_TEST(asked.method == "POST");
  BOOST_TEST(asked.url == "https://192.0.2.7/api");
  BOOST_TEST(asked.direct);
  BOOST_TEST(asked.tls.pin == "sha256//x");
  BOOST_TEST(asked.body
             == R"({"devicetype":"signalbox#mypc-of-a-very-long",)"
                R"("generateclientkey":true})");
  BOOST_TEST(instance_name("") == "server");
  BOOST_TEST(instance_name("\"#") == "server");
}

BOOST_AUTO_TEST_CASE(asks_once_a_second_until_the_button_is_pressed) {
  pairing x{bridge(), "pc", start, 30s};
  auto now = start;
  for (auto i = 0; i < 3; ++i) {
    BOOST_TEST_REQUIRE(x.due().has_value());
    BOOST_TEST((*x.due() == start + i * 1s));
    now = *x.due();
    static_cast<void>(x.ask(now));
    x.hear(not_pressed(), now + 5ms);
    BOOST_TEST((x.where() == state::asking));
    BOOST_TEST(x.words() == "the button on the bridge was not pressed");
  }
  static_cast<void>(x.ask(now + 1s));
  x.hear(answer(200, R"([{"success":{"username":"s3cret","clientkey":"00"}}])"),
         now + 1s);
  BOOST_TEST((x.where() == state::paired));
  BOOST_TEST(x.key() == "s3cret");
  BOOST_TEST(!x.due().has_value());
}

BOOST_AUTO_TEST_CASE(gives_up_when_the_time_is_over) {
  pairing x{bridge(), "pc", start, 30s};
  auto asked = 0;
  while (const auto due = x.due()) {
    static_cast<void>(x.ask(*due));
    ++asked;
    x.hear(not_pressed(), *due + 10ms);
  }
  BOOST_TEST(asked == 30);
  BOOST_TEST((x.where() == state::failed));
  BOOST_TEST(x.words() == "the button on the bridge was not pressed");
}

BOOST_AUTO_TEST_CASE(does_not_hurry_a_bridge_that_answers_late) {
  pairing x{bridge(), "pc", start, 10s};
  auto asked = 0;
  auto now = start;
  while (const auto due = x.due()) {
    now = std::max(now, *due);
    static_cast<void>(x.ask(now));
    ++asked;
    now += 2s; // The time-out.
    x.hear(nobody(), now);
  }
  BOOST_TEST(asked == 5);
  BOOST_TEST(x.words()
             == "https://192.0.2.7:443: no connection (No route to host)");
}

BOOST_AUTO_TEST_CASE(goes_on_while_a_bridge_starts) {
  for (const auto& x :
       {nobody(), answer(503, ""), answer(500, "<html>"), answer(429, "")})
    BOOST_TEST((after(x).where() == state::asking));
}

BOOST_AUTO_TEST_CASE(ends_at_what_waiting_does_not_mend) {
  const auto words = [](const http_answer& x) {
    const auto it = after(x);
    BOOST_TEST((it.where() == state::failed));
    BOOST_TEST(it.key() == "");
    BOOST_TEST(!it.due().has_value());
    return it.words();
  };
  const auto error = [](const char* type, const char* description) {
    return answer(200, std::string{"[{\"error\":{\"type\":"} + type
                         + ",\"description\":\"" + description + "\"}}]");
  };
  const std::string no_bridge = "https://192.0.2.7 is no bridge: its answer "
                                "(HTTP ";
  BOOST_TEST(words(answer(200, "<html>router</html>"))
             == no_bridge + "200) is not one");
  BOOST_TEST(words(answer(404, "")) == no_bridge + "404) is not one");
  BOOST_TEST(words(answer(200, "[]")) == no_bridge + "200) is not one");
  BOOST_TEST(words(error("7", "invalid value\\u001b[2J"))
             == "the bridge refuses us (error 7, invalid value\uFFFD[2J)");
  BOOST_TEST(words(error("301", "full"))
             == "the bridge cannot hold more keys: remove some in its app");
  // Such a key would lead elsewhere, or end the line of a configuration.
  for (const auto* key : {"../x", "a\\\"\\nb", ""})
    BOOST_TEST(words(answer(200, std::string{"[{\"success\":{\"username\":\""}
                                   + key + "\"}}]"))
               == "the bridge gave something that is no key");
}

BOOST_AUTO_TEST_CASE(knows_a_bridges_url) {
  BOOST_TEST(bridge("https://192.0.2.7/").url == "https://192.0.2.7");
  BOOST_TEST(bridge("http://[2001:db8::7]:8080").url
             == "http://[2001:db8::7]:8080");
  BOOST_TEST(bridge().speaks_v2());
  BOOST_TEST(!bridge("http://hue.example").speaks_v2());
  for (const auto* url :
       {"192.0.2.7", "mqtt://192.0.2.7", "https://192.0.2.7/api",
        "https://me:secret@192.0.2.7", "https://192.0.2.7?x", "https://"})
    BOOST_TEST(!parse_bridge(url).has_value(), url);
}

BOOST_AUTO_TEST_CASE(lists_the_lamps_of_each_interface) {
  const auto v1 = bridge("http://192.0.2.7");
  BOOST_TEST(lamps_request(v1, "s3cret").url
             == "http://192.0.2.7/api/s3cret/lights");
  const auto old = lamps_of(
    v1, answer(200, R"({"1":{"name":"Door"},"2":{"name":"Desk\nlamp"},)"
                    R"("x = 1":{"name":"evil"},"3":{}})"));
  BOOST_REQUIRE_EQUAL(old.size(), 2U);
  BOOST_TEST(old[0].id == "1");
  BOOST_TEST(old[0].name == "Door");
  BOOST_TEST(old[1].name == "Desk lamp");

  const auto asked = lamps_request(bridge(), "s3cret");
  BOOST_TEST(asked.method == "GET");
  BOOST_TEST(asked.url == "https://192.0.2.7/clip/v2/resource/light");
  BOOST_TEST(asked.direct);
  BOOST_TEST(asked.headers.at(0).second == "s3cret");
  const auto lamps = lamps_of(
    bridge(), answer(200, R"({"errors":[],"data":[{"id":")" + uuid
                            + R"(","metadata":{"name":"Door"}},)"
                              R"({"id":"evil","metadata":{"name":"x"}},7]})"));
  BOOST_REQUIRE_EQUAL(lamps.size(), 1U);
  BOOST_TEST(lamps[0].id == uuid);
}

BOOST_AUTO_TEST_CASE(no_list_is_no_lamps) {
  for (const auto* body : {"", "[]", "7", "{\"data\":7}", "{\"1\":[]}"}) {
    BOOST_TEST(lamps_of(bridge(), answer(200, body)).empty());
    BOOST_TEST(lamps_of(bridge("http://x"), answer(200, body)).empty());
  }
  BOOST_TEST(lamps_of(bridge(), nobody()).empty());
}

BOOST_AUTO_TEST_CASE(prints_a_configuration_that_works) {
  auto with_pin = bridge();
  with_pin.tls.pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  const auto v2 =
    config_text(with_pin, "s3cret", {{uuid, "Door"}, {uuid, "Desk"}});
  BOOST_TEST(v2
             == "[[light]]\nname   = \"hue\"\ndriver = \"hue\"\n"
                "url    = \"https://192.0.2.7\"\nkey    = \"s3cret\"\n"
                "tls    = { pin = "
                "\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\" }\n"
                "light  = \""
                  + uuid + "\" # Door\n# light  = \"" + uuid + "\" # Desk\n");
  const auto v1 =
    config_text(bridge("http://192.0.2.7"), "s3cret", {{"3", "Door"}});
  for (const auto& text : {v2, v1}) {
    // The table's head and name are the fixture's.
    const configured x{text.substr(text.find("driver"))};
    BOOST_TEST(x.complaint() == "");
    BOOST_TEST(x.it != nullptr);
  }
  BOOST_TEST(config_text(bridge("http://192.0.2.7"), "s3cret", {})
               .ends_with("# light = the lamp; the bridge did not tell which "
                          "it has\n"));
}
