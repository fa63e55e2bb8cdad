#include "tests/lights/configured.hpp"
#include "tests/lights/hex.hpp"
#include "tests/lights/udp_device.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using test::hex;
using test::times;

namespace {

constexpr auto strip = "driver = \"wled\"\nurl = \"http://wled.lan\"\n";
constexpr auto pixels = "driver = \"wled\"\nurl = \"udp://127.0.0.1\"\n";
constexpr color green{{0, 255, 0}};
constexpr wall_time now{};

http_request request(const std::string& keys, const command& x) {
  const configured made{keys};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  const auto all = made.it->shape(x, nullptr);
  BOOST_REQUIRE(all.size() == 1U);
  return std::get<http_request>(all[0]);
}

std::string body(const command& x, const std::string& keys = strip) {
  return request(keys, x).body;
}

std::vector<std::string> datagrams(const command& x, const std::string& keys) {
  const configured made{keys};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  std::vector<std::string> out;
  for (const auto& one : made.it->shape(x, nullptr))
    out.push_back(hex(std::get<write_request>(one).bytes));
  return out;
}

std::string only(const std::vector<std::string>& x) {
  BOOST_REQUIRE(x.size() == 1U);
  return x[0];
}

verdict judged(const delivery_answer& x, const std::string& keys = strip) {
  return configured{keys}.it->judge(x, now);
}

bool complains(const std::string& keys, std::string_view words) {
  const configured made{keys};
  BOOST_TEST(made.it == nullptr);
  return made.complaint().find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(asks_the_json_interface) {
  const auto x = request(strip, {show::on, green});
  BOOST_TEST(x.method == "POST");
  BOOST_TEST(x.url == "http://wled.lan/json/state");
  BOOST_TEST(x.timeout == 1000ms);
  BOOST_TEST(x.direct);
  BOOST_TEST((x.headers.at(0)
              == std::pair<std::string, std::string>{"Content-Type",
                                                     "application/json"}));
}

BOOST_AUTO_TEST_CASE(tells_the_strip_by_json) {
  BOOST_TEST(body({show::fade, green, 1, 400ms})
             == R"({"on":true,"bri":255,"tt":4,"seg":{"on":true,)"
                R"("bri":255,"col":[[0,255,0]],"fx":0}})");
  BOOST_TEST(body({show::on, {{255, 191, 0}}, 0.5})
             == R"({"on":true,"bri":128,"tt":0,"seg":{"on":true,)"
                R"("bri":255,"col":[[255,191,0]],"fx":0}})");
  BOOST_TEST(body({}) == R"({"on":false,"tt":0})");
}

BOOST_AUTO_TEST_CASE(a_lit_strip_is_never_so_dim_that_it_is_dark) {
  BOOST_TEST(body({show::on, green, 0.0001}).find(R"("bri":1,)")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_strip_itself_blinks_and_breathes) {
  BOOST_TEST(body({show::blink, green, 1, 1s})
             == R"({"on":true,"bri":255,"tt":0,"seg":{"on":true,)"
                R"("bri":255,"col":[[0,255,0],[0,0,0]],"fx":1,"sx":207,)"
                R"("ix":128,"pal":0}})");
  BOOST_TEST(body({show::pulse, green, 1, 3s})
             == R"({"on":true,"bri":255,"tt":0,"seg":{"on":true,)"
                R"("bri":255,"col":[[0,255,0],[0,0,0]],"fx":2,"sx":94,)"
                R"("ix":128,"pal":0}})");
}

BOOST_AUTO_TEST_CASE(periods_beyond_what_the_effects_can_are_their_nearest) {
  const struct {
    command what;
    std::string_view speed;
  } rows[]{
    // A turn takes (255 - sx) * 20 + 48 ms: 348, and not 328.
    {{show::blink, green, 1, 334ms}, R"("sx":240,)"},
    {{show::blink, green, 1, 1h}, R"("sx":0,)"},
    {{show::pulse, green, 1, 334ms}, R"("sx":255,)"},
    {{show::pulse, green, 1, 1h}, R"("sx":0,)"},
  };
  for (const auto& row : rows)
    BOOST_TEST(body(row.what).find(row.speed) != std::string::npos,
               body(row.what));
}

BOOST_AUTO_TEST_CASE(a_segment_leaves_the_others_alone) {
  const auto keys = std::string{strip} + "segment = 2\n";
  BOOST_TEST(body({show::on, green, 0.5}, keys)
             == R"({"on":true,"tt":0,"seg":[{"id":2,"on":true,)"
                R"("bri":128,"col":[[0,255,0]],"fx":0}]})");
  BOOST_TEST(body({}, keys) == R"({"tt":0,"seg":[{"id":2,"on":false}]})");
}

BOOST_AUTO_TEST_CASE(segments_of_one_strip_share_its_limit) {
  const configured one{std::string{strip} + "segment = 0\n"};
  const configured other{std::string{strip} + "segment = 1\n"};
  BOOST_TEST(one.it->hangs_on().account == other.it->hangs_on().account);
  BOOST_TEST(one.it->hangs_on().max_rate == 5);
  BOOST_TEST(one.it->can().max_rate == 5);
}

BOOST_AUTO_TEST_CASE(judges_what_it_answers) {
  const struct {
    http_answer answer;
    outcome expected;
    std::string_view words;
  } rows[]{
    {{200, R"({"success":true})", "", ""}, outcome::delivered, ""},
    {{200, R"({"on":true,"bri":255})", "", ""}, outcome::delivered, ""},
    {{200, R"({"error":3})", "", ""}, outcome::retry, "busy (error 3)"},
    {{200, R"({"error":1})", "", ""},
     outcome::destination_fault,
     "unlock its settings"},
    {{200, "<html>", "", ""}, outcome::retry, "not WLED's: check the url"},
    {{200, R"(["a"])", "", ""}, outcome::retry, "check the url"},
    {{200, "", "", ""}, outcome::retry, "check the url"},
    {{200, R"({"error":"x\n\u001b[31m"})", "", ""}, outcome::delivered, ""},
    {{404, "Not Found", "", ""}, outcome::retry, "check the url"},
    {{401, "", "", ""}, outcome::destination_fault, "remove the PIN"},
    {{503, "", "", ""}, outcome::slow_down, "503"},
    {{0, "", "", "no route"}, outcome::retry, "no route; is it switched on"},
  };
  for (const auto& row : rows) {
    const auto x = judged(row.answer);
    BOOST_TEST((x.what == row.expected), row.answer.body);
    BOOST_TEST(x.reason.find(row.words) != std::string::npos, x.reason);
  }
  judged(http_answer{200, times(50'000, "["), "", ""});
}

BOOST_AUTO_TEST_CASE(tells_each_pixel_by_udp) {
  const auto three = std::string{pixels} + "leds = 3\n";
  BOOST_TEST(only(datagrams({show::on, green}, pixels))
             == "0205"
                "00ff00");
  BOOST_TEST(only(datagrams({show::on, {{255, 16, 0}}}, three))
             == "0205"
                "ff1000"
                "ff1000"
                "ff1000");
  BOOST_TEST(only(datagrams({show::on, green, 0.5}, pixels))
             == "0205"
                "008000");
  BOOST_TEST(only(datagrams({}, three)) == "0205" + times(3, "000000"));
}

BOOST_AUTO_TEST_CASE(long_strips_take_several_datagrams) {
  const auto of = [](int leds) {
    return datagrams({show::on, green},
                     pixels + ("leds = " + std::to_string(leds)));
  };
  BOOST_TEST(only(of(490)) == "0205" + times(490, "00ff00"));
  const std::vector<std::string> two{"0405"
                                     "0000"
                                       + times(489, "00ff00"),
                                     "0405"
                                     "01e9"
                                       + times(2, "00ff00")};
  BOOST_TEST(of(491) == two, boost::test_tools::per_element());
  BOOST_TEST(of(978).size() == 2U);
  BOOST_TEST(of(979).size() == 3U);
}

BOOST_AUTO_TEST_CASE(pixels_are_told_again_before_the_strip_forgets_them) {
  const configured x{pixels};
  const auto hold = std::stoi(
    only(datagrams({show::on, green}, pixels)).substr(2, 2), nullptr, 16);
  BOOST_TEST(x.it->can().reassert * 2 <= std::chrono::seconds(hold));
  BOOST_TEST(!x.it->can().blinks);
  BOOST_TEST(x.it->can().max_rate == 30);
}

BOOST_AUTO_TEST_CASE(pixels_reach_the_port) {
  test::udp_device device;
  const configured x{"driver = \"wled\"\nurl = \"udp://127.0.0.1:"
                     + std::to_string(device.port()) + "\"\n"};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto open = x.it->open_transport();
  const auto& writer = std::get<std::unique_ptr<byte_writer>>(open);
  for (const auto* bytes : {"one", "two"}) {
    BOOST_TEST(writer->write({bytes}).error == "");
    BOOST_TEST(device.hear().value_or("nothing") == bytes);
  }
}

BOOST_AUTO_TEST_CASE(a_port_that_nobody_hears_is_told_each_time) {
  const auto port = test::udp_device{}.port();
  const configured x{"driver = \"wled\"\nurl = \"udp://127.0.0.1:"
                     + std::to_string(port) + "\"\n"};
  const auto open = x.it->open_transport();
  const auto& writer = std::get<std::unique_ptr<byte_writer>>(open);
  for (auto i = 0; i < 3; ++i) {
    const auto judged = x.it->judge(writer->write({"x"}), now);
    BOOST_TEST((judged.what == outcome::retry));
    BOOST_TEST(judged.reason
               == "nobody listens on 127.0.0.1:" + std::to_string(port)
                    + "; is WLED switched on, and its UDP realtime "
                      "reception?");
  }
  // Told all the same: the strip may be back, though the fault holds a while.
  test::udp_device back{port};
  writer->write({"y"});
  BOOST_TEST(back.hear().value_or("nothing") == "y");
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_at_their_key) {
  const std::string wled = "driver = \"wled\"\n";
  BOOST_TEST(complains(wled, "url: is required"));
  BOOST_TEST(complains(wled + "url = \"mqtt://h\"\n", "http:// or udp://"));
  BOOST_TEST(complains(wled + "url = \"http://h/json/state\"\n",
                       "ends with the address"));
  BOOST_TEST(
    complains(wled + "url = \"udp://h/x\"\n", "ends with the address"));
  BOOST_TEST(complains(wled + "url = \"http://\"\n", "no host"));
  BOOST_TEST(complains(std::string{strip} + "segment = -1\n", "segment"));
  BOOST_TEST(complains(std::string{strip} + "leds = 9\n", "udp:// only"));
  BOOST_TEST(complains(std::string{pixels} + "leds = 0\n", "leds"));
  BOOST_TEST(complains(std::string{pixels} + "segment = 1\n", "http:// only"));
}
