// What lamps answer, and what becomes of it in a configuration.
#include "lights/discovery/on_machine.hpp"
#include "lights/discovery/search.hpp"
#include "tests/lights/read_fragments.hpp"
#include "tests/net/dns_message.hpp"
#include "tests/support/hex.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::test;
using namespace std::string_literals;

namespace fs = std::filesystem;

namespace {

constexpr search_id id = 0x04030201;
constexpr std::uint16_t mdns_id = 0x0201;

using texts = std::vector<std::string>;

/// 192.0.2.9, port 56700.
endpoint neighbour() {
  endpoint x;
  x.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 9};
  x.port = 56700;
  return x;
}

std::vector<finding> found_by(search_ptr search, const texts& answers) {
  for (const auto& x : answers)
    search->hear(neighbour(), x);
  auto out = search->found();
  settle(out);
  return out;
}

finding only(std::vector<finding> xs) {
  BOOST_REQUIRE_EQUAL(xs.size(), 1U);
  return xs.front();
}

/// One service with one address of 4 or 16 bytes.
std::string announced(const std::string& type, const std::string& instance,
                      unsigned port, const texts& txts,
                      const std::string& address = "\xc0\x00\x02\x11"s) {
  const labels kind{type, "_tcp", "local"};
  const labels self{instance, type, "_tcp", "local"};
  const labels host{"host" + type + std::to_string(port), "local"};
  return response(
    mdns_id, {ptr(kind, self), srv(self, port, host), txt(self, txts),
              record(host, address.size() == 4 ? type_a : type_aaaa, address)});
}

finding by_mdns(const std::string& answer) {
  return only(found_by(make_mdns_search(id), {answer}));
}

std::string yeelight_answer(const std::string& headers) {
  return "HTTP/1.1 200 OK\r\n" + headers;
}

std::map<std::string, std::map<std::string, std::string>>
read_back(const std::vector<finding>& xs) {
  auto read = read_fragments(xs);
  for (const auto& mistake : read.mistakes)
    BOOST_ERROR(mistake);
  return read.lights;
}

/// A folder that looks like one of the kernel's.
class kernel_folder {
public:
  kernel_folder()
    : path_(fs::temp_directory_path()
            / ("signalbox-discovery-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }

  ~kernel_folder() {
    fs::remove_all(path_);
  }

  kernel_folder(const kernel_folder&) = delete;
  kernel_folder& operator=(const kernel_folder&) = delete;

  void add(const std::string& file, const std::string& content = "0\n") {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream{path_ / file} << content;
  }

  [[nodiscard]] std::string at(const std::string& file) const {
    return (path_ / file).string();
  }

  [[nodiscard]] machine_folders folders() const {
    return {.leds = path_ / "leds", .devices = path_ / "dev"};
  }

private:
  fs::path path_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(by_multicast_dns)

BOOST_AUTO_TEST_CASE(a_hue_bridge_needs_a_key_first) {
  const auto x =
    by_mdns(announced("_hue", "Philips Hue - 1A2B3C", 443,
                      {"bridgeid=001788FFFE1A2B3C", "modelid=BSB002"}));
  BOOST_TEST(fragment(x)
             == R"(# Hue bridge BSB002 'Philips Hue - 1A2B3C' at 192.0.2.17
# Get a key first: signalbox lights pair hue --url https://192.0.2.17
[[light]]
name = "Philips-Hue-1A2B3C"
driver = "hue"
url = "https://192.0.2.17"
bridge_id = "001788FFFE1A2B3C"
# key = "..." (printed by the command above)
# light = "..." (one table for each lamp)
)");
}

BOOST_AUTO_TEST_CASE(a_first_hue_bridge_speaks_http_only) {
  const auto x = by_mdns(announced("_hue", "Old", 80, {"bridgeid=../../etc"}));
  const std::vector<setting> expected{{"url", "http://192.0.2.17"},
                                      {"api", "v1"}};
  BOOST_REQUIRE(x.settings.size() >= 2);
  BOOST_TEST((x.settings[0] == expected[0] && x.settings[1] == expected[1]));
  // What is no bridge's id is left out.
  BOOST_TEST(x.settings[2].key == "key");
}

BOOST_AUTO_TEST_CASE(a_port_is_told_unless_it_is_the_usual_one) {
  BOOST_TEST(by_mdns(announced("_wled", "a", 80, {})).settings[0].value
             == "http://192.0.2.17");
  BOOST_TEST(by_mdns(announced("_wled", "a", 8080, {})).settings[0].value
             == "http://192.0.2.17:8080");
  BOOST_TEST(
    by_mdns(announced("_nanoleafapi", "a", 16021, {})).settings[0].value
    == "http://192.0.2.17:16021");
  BOOST_TEST(by_mdns(announced("_shelly", "a", 80, {})).settings[0].value
             == "http://192.0.2.17");
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_serves_where_there_is_no_other) {
  const auto global = from_hex("20010db8000000000000000000000007");
  const auto link_local = from_hex("fe800000000000000000000000000007");
  BOOST_TEST(by_mdns(announced("_wled", "a", 80, {}, global)).settings[0].value
             == "http://[2001:db8::7]");
  BOOST_TEST(found_by(make_mdns_search(id),
                      {announced("_wled", "a", 80, {}, link_local)})
               .empty());
  // The same host, with its IPv4 address in a second answer.
  BOOST_TEST(only(found_by(make_mdns_search(id),
                           {announced("_wled", "a", 80, {}, global),
                            announced("_wled", "a", 80, {})}))
               .where
             == "192.0.2.17");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_yeelight)

BOOST_AUTO_TEST_CASE(is_asked_by_ssdp_twice) {
  const auto search = make_yeelight_search(id);
  BOOST_TEST(search->to().group == "239.255.255.250");
  BOOST_TEST(search->to().port == 1982);
  const texts expected{"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1982\r\n"
                       "MAN: \"ssdp:discover\"\r\nST: wifi_bulb\r\n"};
  for (unsigned round = 0; round < 6; ++round)
    BOOST_TEST((search->questions(round)
                == (round == 0 || round == 2 ? expected : texts{})));
}

BOOST_AUTO_TEST_CASE(is_where_its_location_says) {
  const auto x = only(found_by(
    make_yeelight_search(id),
    {yeelight_answer("Cache-Control: max-age=3600\r\n"
                     "LOCATION:   yeelight://192.0.2.77:55443\r\n"
                     "id: 0x000000000015243f\r\nmodel: mono\r\n"
                     "support: get_prop set_rgbx set_power\r\n\r\n")}));
  BOOST_TEST(fragment(x) == R"(# Yeelight mono 0x000000000015243f at 192.0.2.77
# It shows no colors, only brightness
[[light]]
name = "yeelight-15243f"
driver = "yeelight"
address = "192.0.2.77"
)");
  const auto other = only(
    found_by(make_yeelight_search(id),
             {yeelight_answer(
               "Location: yeelight://192.0.2.77:5000\nsupport: set_rgb")}));
  BOOST_TEST(other.settings[0].value == "192.0.2.77:5000");
  BOOST_TEST(other.name == "yeelight");
  BOOST_TEST(other.remarks.empty());
}

BOOST_AUTO_TEST_CASE(is_not_found_where_no_address_is_told) {
  for (const auto* location :
       {"", "yeelight://", "yeelight://bulb.example:55443",
        "yeelight://[::1]:55443", "yeelight://192.0.2.7", "http://192.0.2.7:80",
        "yeelight://192.0.2.7:0", "yeelight://192.0.2.7:99999",
        "yeelight://192.0.2.7:55443/../x"})
    BOOST_TEST(found_by(make_yeelight_search(id),
                        {yeelight_answer("Location: " + std::string{location}
                                         + "\r\nid: 0x1\r\n")})
                 .empty());
  BOOST_TEST(
    found_by(make_yeelight_search(id), {"NOTIFY * HTTP/1.1\r\nLocation: "
                                        "yeelight://192.0.2.7:55443\r\n",
                                        "", "\r\n", "HTTP/1.1 200 OK"})
      .empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_lifx_bulb)

// Each header: size, protocol 1024 with its flags, source, target, reserved,
// flags and sequence, reserved, type, reserved.
const auto question = from_hex("2400 0034 01020304 0000000000000000 "
                               "000000000000 00 02 0000000000000000 0200 0000");
const auto answer = from_hex("2900 0014 01020304 d073d50013370000 "
                             "4c4946585632 00 02 0000000000000000 0300 0000 "
                             "01 7cdd0000");

BOOST_AUTO_TEST_CASE(is_asked_by_broadcast_twice) {
  const auto search = make_lifx_search(id);
  BOOST_TEST(search->to().group.empty());
  BOOST_TEST(search->to().port == 56700);
  auto first = question;
  first[23] = 0;
  BOOST_TEST((search->questions(0) == texts{first}));
  BOOST_TEST((search->questions(2) == texts{question}));
  BOOST_TEST(search->questions(1).empty());
}

BOOST_AUTO_TEST_CASE(is_where_its_answer_comes_from) {
  // It answers both questions.
  const auto x = only(found_by(make_lifx_search(id), {answer, answer}));
  BOOST_TEST(fragment(x) == R"(# LIFX d0:73:d5:00:13:37 at 192.0.2.9
[[light]]
name = "lifx-001337"
driver = "lifx"
mac = "d0:73:d5:00:13:37"
address = "192.0.2.9"
)");
}

BOOST_AUTO_TEST_CASE(is_not_found_by_what_is_no_answer) {
  const auto changed = [](std::size_t at, char to) {
    auto x = answer;
    x[at] = to;
    return x;
  };
  texts others{
    "",
    question,
    changed(0, 0x28),  // Another length.
    changed(3, 0x13),  // Another protocol.
    changed(4, 0x02),  // Somebody else's question.
    changed(32, 0x02), // Another type.
    changed(36, 0x05), // A service other than UDP.
    changed(39, 0x01), // Port 122236.
    answer + '\0',
    answer.substr(0, answer.size() - 1),
  };
  BOOST_TEST(found_by(make_lifx_search(id), others).empty());
  for (std::size_t n = 0; n < answer.size(); ++n)
    BOOST_TEST(found_by(make_lifx_search(id), {answer.substr(0, n)}).empty());
}

BOOST_AUTO_TEST_CASE(is_one_of_a_bounded_number) {
  texts answers;
  for (int i = 0; i < 1'000; ++i) {
    answers.push_back(answer);
    answers.back()[12] = static_cast<char>(i >> 8);
    answers.back()[13] = static_cast<char>(i);
  }
  BOOST_TEST(found_by(make_lifx_search(id), answers).size() == 256U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(on_this_machine)

BOOST_FIXTURE_TEST_CASE(leds_are_multicolor_triples_or_single, kernel_folder) {
  add("leds/rgb:status/brightness");
  add("leds/rgb:status/multi_index", "red green blue\n");
  add("leds/ww:desk/brightness");
  add("leds/ww:desk/multi_index", "white warm_white\n");
  for (const auto* color : {"red", "green", "blue"})
    add("leds/pwm:" + std::string{color} + ":wall/brightness");
  add("leds/pwm:red:door/brightness");
  add("leds/infrared/brightness");
  add("leds/input3::capslock/brightness");
  auto leds = find_leds(folders());
  settle(leds);
  texts all;
  for (const auto& x : leds) {
    all.push_back(x.what + ":");
    for (const auto& [key, value, open] : x.settings)
      all.back() += " " + key + "=" + value;
  }
  std::ranges::sort(all);
  const texts expected{
    "LED of one color: path=" + at("leds/infrared"),
    "LED of one color: path=" + at("leds/pwm:red:door"),
    "LED of one color: path=" + at("leds/ww:desk"),
    "Multicolor LED: path=" + at("leds/rgb:status"),
    "Three LEDs that make colors: red=pwm:red:wall green=pwm:green:wall "
    "blue=pwm:blue:wall",
  };
  BOOST_TEST(all == expected, boost::test_tools::per_element());
  const auto lamps = read_back(leds);
  BOOST_TEST(lamps.at("pwm-rgb-wall").at("green") == "pwm:green:wall");
  BOOST_TEST(lamps.at("rgb-status").at("path") == at("leds/rgb:status"));
}

BOOST_FIXTURE_TEST_CASE(an_led_that_may_not_be_written_says_so, kernel_folder) {
  fs::create_directories(at("leds/x"));
  const auto x = only(find_leds(folders()));
  BOOST_REQUIRE_EQUAL(x.remarks.size(), 1U);
  BOOST_TEST(x.remarks[0].starts_with("This user may not write to "
                                      + at("leds/x/brightness")));
}

BOOST_FIXTURE_TEST_CASE(gpio_chips_leave_their_lines_open, kernel_folder) {
  for (const auto* file :
       {"gpiochip0", "gpiochip10", "gpiochip", "gpiochipx", "gpio", "null"})
    add("dev/" + std::string{file});
  auto chips = find_gpio(folders());
  settle(chips);
  BOOST_REQUIRE_EQUAL(chips.size(), 2U);
  BOOST_TEST(fragment(chips[0])
             == "# GPIO chip at " + at("dev/gpiochip0")
                  + "\n# Say on which lines the lamps hang; gpioinfo lists the "
                    "lines of all chips\n[[light]]\nname = \"gpiochip0\"\n"
                    "driver = \"gpio\"\nchip = \""
                  + at("dev/gpiochip0")
                  + "\"\n# red = (the line's offset)\n"
                    "# green = (the line's offset)\n"
                    "# blue = (the line's offset)\n");
}

BOOST_FIXTURE_TEST_CASE(both_are_looked_for, kernel_folder) {
  BOOST_TEST(find_on_machine(folders()).empty());
  add("leds/x/brightness");
  add("dev/gpiochip0");
  BOOST_TEST(find_on_machine(folders()).size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_fragment)

BOOST_AUTO_TEST_CASE(has_a_name_that_the_configuration_takes) {
  const std::vector<std::pair<std::string, std::string>> rows{
    {"desk", "desk"},
    {"Philips Hue - 1A2B3C", "Philips-Hue-1A2B3C"},
    {"--.x_y.z--", "x_y.z"},
    {"Stehlampe (Büro)", "Stehlampe-B-ro"},
    {"\n\"]\x1b[31m", "31m"},
    {"東京", ""},
    {"", ""},
    {std::string(100, 'a'), std::string(64, 'a')},
    {std::string(63, 'a') + " b", std::string(63, 'a')},
  };
  for (const auto& [text, expected] : rows)
    BOOST_TEST(light_name(text) == expected);
}

BOOST_AUTO_TEST_CASE(is_the_only_one_of_its_name_and_of_its_thing) {
  const auto make = [](const char* name, const char* url) {
    return finding{.driver = "wled",
                   .name = name,
                   .what = "WLED",
                   .where = "192.0.2.1",
                   .settings = {{"url", url}},
                   .remarks = {}};
  };
  const auto full = std::string(64, 'a');
  std::vector<finding> xs{make("WLED", "a"),      make("WLED", "b"),
                          make("WLED", "a"),      make("東京", "c"),
                          make("WLED!", "d"),     make(full.c_str(), "e"),
                          make(full.c_str(), "f")};
  settle(xs);
  texts names;
  for (const auto& x : xs)
    names.push_back(x.name);
  const texts expected{"WLED",   "WLED-2", "wled",
                       "WLED-3", full,     std::string(62, 'a') + "-2"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(is_read_back_as_what_was_found_whatever_that_is) {
  std::vector<finding> xs{{.driver = "wled",
                           .name = "\"\n\u2028",
                           .what = "a\nb = 1",
                           .where = "\x1b[2J\r\n[[light]]",
                           .settings = {{"path", R"(\"${HOME} $${X} $ \u0041)"},
                                        {"key", "1\nname = \"z\"", true}},
                           .remarks = {"x\n[[light]]\nname = \"y\""}}};
  const auto wanted = xs[0].settings[0].value;
  settle(xs);
  const auto lamps = read_back(xs);
  BOOST_REQUIRE_EQUAL(lamps.size(), 1U);
  const auto& lamp = lamps.begin()->second;
  BOOST_TEST(lamp.size() == 3U);
  BOOST_TEST(lamp.at("path") == wanted);
  BOOST_TEST(lamp.at("driver") == "wled");
}

BOOST_AUTO_TEST_CASE(is_plain_in_all_its_texts) {
  std::vector<finding> xs{by_mdns(
    announced("_hue", "a\x1b[31m\nb\xff", 443, {"modelid=\x1b]0;x\x07\n"}))};
  settle(xs);
  const auto text = fragment(xs[0]);
  BOOST_TEST(text.find('\x1b') == std::string::npos);
  BOOST_TEST(text.find('\xff') == std::string::npos);
  BOOST_TEST(xs[0].what.find('\n') == std::string::npos);
  BOOST_TEST(std::ranges::count(text, '\n') == 8);
}

BOOST_AUTO_TEST_SUITE_END()
