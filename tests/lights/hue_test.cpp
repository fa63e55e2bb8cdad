#include "tests/lights/configured.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <unistd.h>
#include <variant>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using signalbox::lights::test::configured;

namespace {

namespace data = boost::unit_test::data;

const std::string uuid = "3883f8bf-30a3-445b-ac06-b047d50599df";

const std::string v1_keys = "driver = \"hue\"\nurl = \"http://192.0.2.7\"\n"
                            "key = \"s3cret\"\napi = \"v1\"\n";
const std::string v2_keys = "driver = \"hue\"\nurl = \"https://192.0.2.7/\"\n"
                            "key = \"s3cret\"\n";
const std::string v1_lamp = v1_keys + "light = 3\n";
const std::string v2_lamp = v2_keys + "light = \"" + uuid + "\"\n";

command look(show what, const char* color, double brightness = 1.0,
             duration period = 1s) {
  return {what, parse_color(color).value(), brightness, period};
}

http_request told(const configured& x, const command& what,
                  const command* shown = nullptr) {
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto requests = x.it->shape(what, shown);
  BOOST_REQUIRE_EQUAL(requests.size(), 1U);
  return std::get<http_request>(requests[0]);
}

std::string header(const http_request& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return "(absent)";
}

verdict judged(const configured& x, int status, std::string body,
               std::string error = {}, std::string retry_after = {}) {
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  http_answer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.error = std::move(error);
  answer.retry_after = std::move(retry_after);
  return x.it->judge(answer, wall_time{});
}

struct example {
  command what;
  const char* v1;
  const char* v2;
};

std::ostream& operator<<(std::ostream& out, const example& x) {
  return out << x.v1;
}

const std::vector<example> bodies{
  {{},
   R"({"on":false,"transitiontime":1})",
   R"({"on":{"on":false},"dynamics":{"duration":100}})"},
  {look(show::on, "green"),
   R"({"on":true,"bri":254,"xy":[0.17,0.7],"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color":{"xy":{"x":0.17,"y":0.7}},"dynamics":{"duration":100}})"},
  {look(show::on, "red", 0.5),
   R"({"on":true,"bri":127,"xy":[0.6915,0.3083],"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":50},"color":{"xy":{"x":0.6915,"y":0.3083}},"dynamics":{"duration":100}})"},
  {look(show::fade, "#ffbf00", 1, 2500ms),
   R"({"on":true,"bri":254,"xy":[0.5195,0.4375],"transitiontime":25})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color":{"xy":{"x":0.5195,"y":0.4375}},"dynamics":{"duration":2500}})"},
  // A lit lamp has one step of light at least.
  {look(show::on, "white", 0.0001),
   R"({"on":true,"bri":1,"xy":[0.3227,0.329],"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":0.3937},"color":{"xy":{"x":0.3227,"y":0.329}},"dynamics":{"duration":100}})"},
  // Whites are asked for as such, within what lamps have.
  {look(show::on, "2700K"),
   R"({"on":true,"bri":254,"ct":370,"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color_temperature":{"mirek":370},"dynamics":{"duration":100}})"},
  {look(show::on, "9000K"),
   R"({"on":true,"bri":254,"ct":153,"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color_temperature":{"mirek":153},"dynamics":{"duration":100}})"},
  {look(show::on, "1500K"),
   R"({"on":true,"bri":254,"ct":500,"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color_temperature":{"mirek":500},"dynamics":{"duration":100}})"},
  // A point stays where it is, if the lamp can show it; else the nearest one.
  {look(show::on, "xy(0.4, 0.4)"),
   R"({"on":true,"bri":254,"xy":[0.4,0.4],"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color":{"xy":{"x":0.4,"y":0.4}},"dynamics":{"duration":100}})"},
  {look(show::on, "xy(0.0, 1.0)"),
   R"({"on":true,"bri":254,"xy":[0.17,0.7],"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color":{"xy":{"x":0.17,"y":0.7}},"dynamics":{"duration":100}})"},
  // A dark colour is a place and little light.
  {look(show::on, "#008000"),
   R"({"on":true,"bri":127,"xy":[0.17,0.7],"transitiontime":1})",
   R"({"on":{"on":true},"dimming":{"brightness":50},"color":{"xy":{"x":0.17,"y":0.7}},"dynamics":{"duration":100}})"},
  {look(show::on, "black"), R"({"on":false,"transitiontime":1})",
   R"({"on":{"on":false},"dynamics":{"duration":100}})"},
  // A month is more than either interface can say.
  {look(show::fade, "blue", 1, 30 * 24h),
   R"({"on":true,"bri":254,"xy":[0.1532,0.0475],"transitiontime":60000})",
   R"({"on":{"on":true},"dimming":{"brightness":100},"color":{"xy":{"x":0.1532,"y":0.0475}},"dynamics":{"duration":6000000}})"},
};

} // namespace

BOOST_DATA_TEST_CASE(says_it_in_the_words_of_each_interface, data::make(bodies),
                     x) {
  BOOST_TEST(told(configured{v1_lamp}, x.what).body == x.v1);
  BOOST_TEST(told(configured{v2_lamp}, x.what).body == x.v2);
}

BOOST_AUTO_TEST_CASE(asks_the_old_interface_by_path) {
  const auto lamp = told(configured{v1_lamp}, {});
  BOOST_TEST(lamp.method == "PUT");
  BOOST_TEST(lamp.url == "http://192.0.2.7/api/s3cret/lights/3/state");
  BOOST_TEST(header(lamp, "Content-Type") == "application/json");
  BOOST_TEST(header(lamp, "hue-application-key") == "(absent)");
  BOOST_TEST((lamp.timeout == 2s));
  const auto all = told(configured{v1_keys + "group = 0\n"}, {});
  BOOST_TEST(all.url == "http://192.0.2.7/api/s3cret/groups/0/action");
}

BOOST_AUTO_TEST_CASE(asks_the_new_interface_with_a_header) {
  const auto lamp = told(configured{v2_lamp}, {});
  BOOST_TEST(lamp.method == "PUT");
  BOOST_TEST(lamp.url == "https://192.0.2.7/clip/v2/resource/light/" + uuid);
  BOOST_TEST(header(lamp, "hue-application-key") == "s3cret");
  BOOST_TEST(lamp.direct);
  BOOST_TEST(lamp.tls.verify);
  BOOST_TEST(lamp.connect_to == "");
  const auto group = told(
    configured{v2_keys + "group = \"" + uuid + "\"\n" + "timeout = \"5s\"\n"},
    {});
  BOOST_TEST(group.url
             == "https://192.0.2.7/clip/v2/resource/grouped_light/" + uuid);
  BOOST_TEST((group.timeout == 5s));
}

BOOST_AUTO_TEST_CASE(calls_a_bridge_by_its_id_over_tls) {
  const auto x =
    told(configured{v2_lamp + "bridge_id = \"001788FFFE09A168\"\n"}, {});
  BOOST_TEST(x.url
             == "https://001788fffe09a168:443/clip/v2/resource/light/" + uuid);
  BOOST_TEST(x.connect_to == "192.0.2.7:443");
  const auto v6 = told(configured{"driver = \"hue\"\nkey = \"k\"\n"
                                  "url = \"https://[2001:db8::7]:8443\"\n"
                                  "bridge_id = \"001788fffe09a168\"\n"
                                  "light = \""
                                  + uuid + "\"\n"},
                       {});
  BOOST_TEST(v6.connect_to == "[2001:db8::7]:8443");
  BOOST_TEST(v6.url.starts_with("https://001788fffe09a168:8443/clip/"));
  // Without TLS there is no certificate that has a name.
  const auto plain =
    told(configured{v1_lamp + "bridge_id = \"001788fffe09a168\"\n"}, {});
  BOOST_TEST(plain.connect_to == "");
  BOOST_TEST(plain.url == "http://192.0.2.7/api/s3cret/lights/3/state");
}

BOOST_AUTO_TEST_CASE(tells_only_what_changes) {
  const configured x{v1_lamp};
  const auto green = look(show::on, "green");
  const auto dim = look(show::on, "green", 0.5);
  const auto red = look(show::on, "red");
  const auto warm = look(show::on, "2700K");
  const command off;
  BOOST_TEST(told(x, dim, &green).body
             == R"({"on":true,"bri":127,"transitiontime":1})");
  BOOST_TEST(told(x, red, &green).body
             == R"({"on":true,"xy":[0.6915,0.3083],"transitiontime":1})");
  BOOST_TEST(told(x, warm, &green).body
             == R"({"on":true,"ct":370,"transitiontime":1})");
  BOOST_TEST(told(x, green, &warm).body
             == R"({"on":true,"xy":[0.17,0.7],"transitiontime":1})");
  BOOST_TEST(told(x, off, &green).body == R"({"on":false,"transitiontime":1})");
}

BOOST_AUTO_TEST_CASE(tells_all_to_a_lamp_that_was_off_or_is_reminded) {
  const configured x{v1_lamp};
  const auto green = look(show::on, "green");
  const command off;
  const auto all =
    R"({"on":true,"bri":254,"xy":[0.17,0.7],"transitiontime":1})";
  BOOST_TEST(told(x, green, &off).body == all);
  BOOST_TEST(told(x, green, &green).body == all);
}

BOOST_AUTO_TEST_CASE(knows_the_gamut_of_older_lamps) {
  const auto green = look(show::on, "green");
  const configured b{v1_lamp + "gamut = \"B\"\n"};
  BOOST_TEST(told(b, green).body.find("[0.409,0.518]") != std::string::npos);
  const configured a{v1_lamp + "gamut = \"A\"\n"};
  BOOST_TEST(told(a, green).body.find("[0.2151,0.7106]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(holds_to_the_limits_of_lamps_groups_and_bridges) {
  const configured lamp{v2_lamp};
  BOOST_TEST_REQUIRE(lamp.it != nullptr, lamp.complaint());
  BOOST_TEST(lamp.it->can().max_rate == 5);
  BOOST_TEST(!lamp.it->can().blinks);
  BOOST_TEST(!lamp.it->can().pulses);
  BOOST_TEST(lamp.it->hangs_on().max_rate == 10);
  const configured group{v2_keys + "group = \"" + uuid + "\"\n"};
  BOOST_TEST_REQUIRE(group.it != nullptr, group.complaint());
  BOOST_TEST(group.it->can().max_rate == 1);
  BOOST_TEST(group.it->can().burst == 1);
  BOOST_TEST(group.it->hangs_on().account == lamp.it->hangs_on().account);
  const auto id = "bridge_id = \"001788fffe09a168\"\n";
  const configured by_id{v2_lamp + id};
  const configured old{v1_lamp + id};
  BOOST_TEST_REQUIRE(by_id.it != nullptr, by_id.complaint());
  BOOST_TEST_REQUIRE(old.it != nullptr, old.complaint());
  BOOST_TEST(by_id.it->hangs_on().account == old.it->hangs_on().account);
  BOOST_TEST(by_id.it->hangs_on().account != lamp.it->hangs_on().account);
}

namespace {

struct answer_case {
  int status;
  const char* body;
  outcome what;
  const char* words;
};

std::ostream& operator<<(std::ostream& out, const answer_case& x) {
  return out << x.status << " " << x.body;
}

const std::vector<answer_case> v1_answers{
  {200,
   R"([{"success":{"/lights/3/state/on":true}},{"success":{"/lights/3/state/bri":254}}])",
   outcome::delivered, ""},
  {200,
   R"([{"error":{"type":1,"address":"/lights/3/state","description":"unauthorized user"}}])",
   outcome::destination_fault,
   "the bridge does not know this key: pair again with 'signalbox lights pair "
   "hue' (error 1, unauthorized user)"},
  {200,
   R"([{"error":{"type":3,"address":"/lights/99/state","description":"resource, /lights/99/state, not available"}}])",
   outcome::retry,
   "the bridge has no such lamp: correct 'light' or 'group' (error 3, "
   "resource, /lights/99/state, not available)"},
  // Success and failure mixed: the failure counts, and of several the worst.
  {200,
   R"([{"success":{"/lights/3/state/on":true}},{"error":{"type":201,"address":"/lights/3/state/bri","description":"parameter, bri, is not modifiable. Device is set to off."}}])",
   outcome::retry, "the lamp is off just now (error 201, "},
  {200,
   R"([{"error":{"type":201,"description":"off"}},{"error":{"type":6,"description":"parameter, xy, not available"}},{"error":{"type":901,"description":"Internal error, 503"}}])",
   outcome::retry,
   "the lamp cannot show this: does it have colours? (error 6, parameter, xy, "
   "not available)"},
  {200, R"([{"error":{"type":901,"description":"Internal error, 503"}}])",
   outcome::slow_down, "the bridge has too much to do"},
  {200, R"([{"error":{"type":7,"description":"invalid value"}}])",
   outcome::retry, "error 7, invalid value"},
  {200, R"([{"error":{"type":301,"description":"full"}}])", outcome::retry,
   "the bridge failed (error 301, full)"},
  {200, R"([{"error":{}}])", outcome::retry, "error 0"},
  {200, R"([{"error":{"type":"1"}}])", outcome::retry, "error 0"},
  {200, "[]", outcome::retry, "did nothing"},
  {200, "[1,null,[]]", outcome::retry, "did nothing"},
  {200, "", outcome::retry, "not the answer of a bridge"},
  {200, "<html>router</html>", outcome::retry, "correct 'url'"},
  {200, R"({"success":{}})", outcome::retry, "correct 'url'"},
  {200, R"([{"success":{)", outcome::retry, "correct 'url'"},
  {404, "<html>", outcome::retry, "correct 'url' (HTTP 404)"},
  {302, "", outcome::retry, "correct 'url' (HTTP 302)"},
  {500, "TypeError", outcome::retry,
   "are 'light' or 'group' right? (HTTP 500)"},
  {503, "", outcome::slow_down, "HTTP 503"},
  {429, "", outcome::slow_down, "HTTP 429"},
};

const std::vector<answer_case> v2_answers{
  {200, R"({"errors":[],"data":[{"rid":"x","rtype":"light"}]})",
   outcome::delivered, ""},
  // Emulators say something in "errors" even then.
  {200, R"({"errors":[{"description":"string"}],"data":[{"rid":"x"}]})",
   outcome::delivered, ""},
  {200, R"({"errors":[{"description":"no luck"}],"data":[]})", outcome::retry,
   "HTTP 200: no luck"},
  {207, R"({"errors":[],"data":[{"rid":"x"}]})", outcome::delivered, ""},
  {207,
   R"({"errors":[{"description":"device (light) has communication issues, command (.on) may not have effect"}],"data":[{"rid":"x"}]})",
   outcome::retry,
   "the lamp heard only a part: has it power? (HTTP 207: device (light) has "
   "communication issues, command (.on) may not have effect)"},
  {207, "", outcome::retry, "HTTP 207"},
  {401, R"({"errors":[{"description":"Unauthorized"}]})",
   outcome::destination_fault,
   "the bridge does not know this key: pair again with 'signalbox lights pair "
   "hue' (HTTP 401: Unauthorized)"},
  {403, "<html>nginx</html>", outcome::destination_fault,
   "pair again with 'signalbox lights pair hue' (HTTP 403)"},
  {404, R"({"errors":[{"description":"Not Found"}]})", outcome::retry,
   "the bridge has no such lamp: correct 'light' or 'group' (HTTP 404: Not "
   "Found)"},
  {404, "<html>router</html>", outcome::retry,
   "not the answer of a bridge: correct 'url' (HTTP 404)"},
  {400, R"({"errors":[{"description":"body.on must be object"}]})",
   outcome::retry, "HTTP 400: body.on must be object"},
  {429, R"({"errors":[]})", outcome::slow_down, "HTTP 429"},
  {503, R"({"errors":[{"description":"busy"}]})", outcome::slow_down,
   "HTTP 503: busy"},
  {500, "{", outcome::retry, "the bridge failed (HTTP 500)"},
  {507, "", outcome::retry, "HTTP 507"},
  {301, "", outcome::retry, "https"},
  {200, "[]", outcome::retry, "correct 'url'"},
  {200, "", outcome::retry, "correct 'url'"},
  {200, R"({"hello":"world"})", outcome::retry, "correct 'url'"},
  {200, R"({"errors":{"description":3},"data":"x"})", outcome::retry,
   "correct 'url'"},
  {207, R"({"errors":[7],"data":[]})", outcome::retry, "HTTP 207"},
};

void check(const verdict& x, const answer_case& wanted) {
  BOOST_TEST((x.what == wanted.what), x.reason);
  if (wanted.what == outcome::delivered)
    BOOST_TEST(x.reason == "");
  else
    BOOST_TEST(x.reason.find(wanted.words) != std::string::npos, x.reason);
}

} // namespace

BOOST_DATA_TEST_CASE(judges_the_answers_of_v1, data::make(v1_answers), x) {
  check(judged(configured{v1_lamp}, x.status, x.body), x);
}

BOOST_DATA_TEST_CASE(judges_the_answers_of_v2, data::make(v2_answers), x) {
  check(judged(configured{v2_lamp}, x.status, x.body), x);
}

BOOST_AUTO_TEST_CASE(asks_again_soon_for_a_lamp_that_is_not_there_yet) {
  const auto v1 =
    judged(configured{v1_lamp}, 200,
           R"([{"error":{"type":201,"description":"off"}},)"
           R"({"error":{"type":3,"description":"not available"}}])");
  BOOST_TEST((v1.retry_after == 30s));
  BOOST_TEST(
    (judged(configured{v2_lamp}, 404, R"({"errors":[]})").retry_after == 30s));
}

BOOST_AUTO_TEST_CASE(the_worst_of_several_errors_is_an_unknown_key) {
  const auto x = judged(configured{v1_lamp}, 200,
                        R"([{"error":{"type":3}},{"error":{"type":1}}])");
  BOOST_TEST((x.what == outcome::destination_fault));
}

BOOST_AUTO_TEST_CASE(waits_as_long_as_the_bridge_asks) {
  const auto x = judged(configured{v2_lamp}, 429, "", {}, "7");
  BOOST_TEST_REQUIRE(x.retry_after.has_value());
  BOOST_TEST((*x.retry_after == 7s));
}

BOOST_AUTO_TEST_CASE(says_what_to_do_about_a_bridge_that_is_not_reached) {
  const configured x{v2_lamp};
  const auto words = [&](const char* error) {
    const auto said = judged(x, 0, "", error);
    BOOST_TEST((said.what == outcome::retry));
    return said.reason;
  };
  BOOST_TEST(words("https://192.0.2.7:443: no whole answer within 2 s")
             == "https://192.0.2.7:443: no whole answer within 2 s; is the "
                "bridge on, and 'url' its address?");
  BOOST_TEST(words("x: the server's certificate is not trusted (self-signed)")
             == "x: the server's certificate is not trusted (self-signed); "
                "set tls.pin, which 'signalbox lights pair hue' prints, or "
                "tls.ca and bridge_id");
  BOOST_TEST(words("x: the server's key is not the pinned one, so nothing was "
                   "sent to it")
               .find("if the bridge was replaced, pair again")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(never_tells_the_key_whatever_the_bridge_says) {
  const configured v1{v1_lamp};
  const configured v2{v2_lamp};
  for (const auto* body :
       {R"([{"error":{"type":3,"description":"/api/s3cret/lights/9"}}])",
        R"([{"error":{"type":4,"description":"s3crets3cret"}}])",
        "Cannot PUT /api/s3cret/lights/3/state"})
    for (const auto status : {200, 404, 500}) {
      const auto x = judged(v1, status, body);
      BOOST_TEST(x.reason.find("s3cret") == std::string::npos, x.reason);
    }
  const auto x = judged(v2, 403, R"({"errors":[{"description":"s3cret?"}]})");
  BOOST_TEST(x.reason.find("(HTTP 403: (key)?)") != std::string::npos,
             x.reason);
}

BOOST_AUTO_TEST_CASE(what_a_bridge_says_stays_one_short_line) {
  const auto x = judged(configured{v1_lamp}, 200,
                        "[{\"error\":{\"type\":7,\"description\":\"a\\u001b[2J"
                        "\\n"
                          + std::string(60'000, 'x') + "\"}}]");
  BOOST_TEST(x.reason.size() < 320);
  BOOST_TEST(x.reason.find_first_of("\n\x1b") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(reads_its_key_again_when_the_bridge_refuses_it) {
  const auto file = std::filesystem::temp_directory_path()
                    / ("signalbox-hue-" + std::to_string(::getpid()) + ".key");
  std::ofstream{file} << "first\n";
  const configured x{"driver = \"hue\"\nurl = \"http://192.0.2.7\"\napi = "
                     "\"v1\"\nlight = 3\nkey_file = \""
                     + file.string() + "\"\n"};
  BOOST_TEST(told(x, {}).url.find("/first/") != std::string::npos);
  const auto refuse = R"([{"error":{"type":1,"description":"no"}}])";
  // What is no key would change the path.
  std::ofstream{file} << "../evil\n";
  judged(x, 200, refuse);
  BOOST_TEST(told(x, {}).url.find("/first/") != std::string::npos);
  std::ofstream{file} << "second\n";
  judged(x, 200, refuse);
  BOOST_TEST(told(x, {}).url.find("/second/") != std::string::npos);
  std::filesystem::remove(file);
}

namespace {

struct mistake_case {
  std::string keys;
  const char* words;
};

std::ostream& operator<<(std::ostream& out, const mistake_case& x) {
  return out << x.keys;
}

const std::vector<mistake_case> mistakes{
  {"driver = \"hue\"\nkey = \"k\"\napi = \"v1\"\nlight = 3\n",
   "light.url: is required"},
  {"driver = \"hue\"\nurl = \"http://192.0.2.7\"\napi = \"v1\"\nlight = 3\n",
   "light.key: is required: who we are to the bridge; 'signalbox lights pair "
   "hue' gets one"},
  {v1_keys, "light.light: is required: the lamp, which"},
  {v1_keys + "light = 3\ngroup = 1\n",
   "light.light: 'group' is there, too; keep one of them"},
  {v1_keys + "light = 0\n", "must be from 1 to 65535, not 0"},
  {v1_keys + "light = \"3\"\n", "light.light: expected an integer"},
  {v2_keys + "light = 3\n",
   "light.light: must be a UUID in quotes, such as "
   "\"3883f8bf-30a3-445b-ac06-b047d50599df\"; numbers are for api = \"v1\""},
  {v2_keys + "group = \"living room\"\n", "light.group: must be a UUID"},
  {v2_keys + "light = \"3883f8bf-30a3-445b-ac06-b047d50599dg\"\n",
   "light.light: must be a UUID"},
  {v2_keys + "light = \"3883f8bf-30a3-445b-ac06-b047d50599d/\"\n",
   "light.light: must be a UUID"},
  {v2_lamp + "bridge_id = \"philips\"\n",
   "light.bridge_id: must be 16 hexadecimal digits"},
  {v2_lamp + "gamut = \"D\"\n", "light.gamut: unknown value 'D' (A, B, C)"},
  {v2_lamp + "api = \"v3\"\n", "light.api: unknown value 'v3'"},
  {v2_lamp + "tls = { pin = \"x\" }\n", "light.tls.pin: must be"},
  {v1_lamp
     + "tls = { pin = \"sha256//47DEQpj8HBSa+/"
       "TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\" }\n",
   "light.url: the URL must start with https://, for tls.pin"},
  {v2_lamp + "lamp = 3\n", "lamp"},
};

} // namespace

BOOST_DATA_TEST_CASE(says_what_is_wrong_at_its_key, data::make(mistakes), x) {
  const configured made{x.keys};
  BOOST_REQUIRE_EQUAL(made.mistakes.size(), 1U);
  BOOST_TEST(made.mistakes[0].find(x.words) != std::string::npos,
             made.mistakes[0]);
}

BOOST_AUTO_TEST_CASE(a_key_with_a_slash_is_none_and_is_not_shown) {
  const configured x{"driver = \"hue\"\nurl = \"http://192.0.2.7\"\napi = "
                     "\"v1\"\nlight = 3\nkey = \"se/cret\"\n"};
  BOOST_REQUIRE_EQUAL(x.mistakes.size(), 1U);
  BOOST_TEST(x.mistakes[0].find("light.key: is not a bridge's key")
             != std::string::npos);
  BOOST_TEST(x.mistakes[0].find("cret") == std::string::npos);
}
