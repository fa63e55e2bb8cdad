#include "lights/yeelight/bulb.hpp"
#include "tests/lights/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <variant>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using yeelight::read_reply;

namespace {

constexpr auto lamp = "driver = \"yeelight\"\naddress = \"10.0.0.7\"\n";
constexpr color green{{0, 255, 0}};
constexpr color warm{{255, 167, 87}, 2700};

std::string line(const command& x) {
  const configured made{lamp};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  const auto all = made.it->shape(x, nullptr);
  BOOST_REQUIRE(all.size() == 1U);
  return std::get<write_request>(all[0]).bytes;
}

verdict judged(const std::string& error) {
  return configured{lamp}.it->judge(write_answer{.error = error}, wall_time{});
}

bool complains(const std::string& keys, std::string_view words) {
  const configured made{"driver = \"yeelight\"\n" + keys};
  BOOST_TEST(made.it == nullptr);
  return made.complaint().find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(tells_the_lamp_in_lines) {
  BOOST_TEST(line({})
             == "{\"id\":1,\"method\":\"set_power\",\"params\":"
                "[\"off\",\"sudden\",0]}\r\n");
  BOOST_TEST(line({show::on, green})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":"
                "[\"color\",65280,100]}\r\n");
  BOOST_TEST(line({show::on, {{255, 191, 0}}, 0.5})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":"
                "[\"color\",16760576,50]}\r\n");
  BOOST_TEST(line({show::on, warm, 0.0001})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":"
                "[\"ct\",2700,1]}\r\n");
}

BOOST_AUTO_TEST_CASE(the_lamp_itself_blinks_pulses_and_fades) {
  BOOST_TEST(line({show::blink, green, 1, 1s})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":[\"cf\",0,1,"
                "\"50,1,65280,100,450,7,0,0,50,1,65280,1,450,7,0,0\"]}\r\n");
  BOOST_TEST(line({show::pulse, green, 0.5, 2s})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":[\"cf\",0,1,"
                "\"1000,1,65280,50,1000,1,65280,1\"]}\r\n");
  BOOST_TEST(line({show::fade, green, 1, 1500ms})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":[\"cf\",1,1,"
                "\"1500,1,65280,100\"]}\r\n");
  BOOST_TEST(line({show::pulse, warm, 1, 400ms})
             == "{\"id\":1,\"method\":\"set_scene\",\"params\":[\"cf\",0,1,"
                "\"200,2,2700,100,200,2,2700,1\"]}\r\n");
}

BOOST_AUTO_TEST_CASE(no_step_is_shorter_than_the_lamp_can) {
  BOOST_TEST(line({show::fade, green, 1, 1ms}).find("\"50,1,65280,100\"")
             != std::string::npos);
  // Turns may not become shorter than was asked for either.
  BOOST_TEST(line({show::blink, green, 1, 334ms})
               .find("\"50,1,65280,100,117,7,0,0,50,1,65280,1,117,7,0,0\"")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(whites_stay_within_what_the_lamp_has) {
  const auto on = [](std::uint16_t kelvin) {
    return line({show::on, {{255, 255, 255}, kelvin}});
  };
  BOOST_TEST(on(1500).find("\"ct\",1700,") != std::string::npos);
  BOOST_TEST(on(9000).find("\"ct\",6500,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_line_has_a_number_of_its_own) {
  const configured made{lamp};
  for (const auto* start : {"{\"id\":1,", "{\"id\":2,", "{\"id\":3,"}) {
    const auto all = made.it->shape({}, nullptr);
    BOOST_TEST(std::get<write_request>(all.at(0)).bytes.starts_with(start));
  }
}

BOOST_AUTO_TEST_CASE(stays_within_the_quota) {
  const auto can = configured{lamp}.it->can();
  BOOST_TEST(can.max_rate * 60 + can.burst <= 64);
  BOOST_TEST(can.blinks);
  BOOST_TEST(can.pulses);
}

BOOST_AUTO_TEST_CASE(reads_the_answer_to_its_question_only) {
  BOOST_TEST(read_reply(R"({"id":5,"result":["ok"]})", 5).ours);
  BOOST_TEST(read_reply(R"({"id":5,"result":["ok"]})", 5).error == "");
  BOOST_TEST(
    read_reply(
      R"({"id":5,"error":{"code":-1,"message":"client quota exceeded"}})", 5)
      .error
    == "client quota exceeded");
  BOOST_TEST(read_reply(R"({"id":5,"error":"x"})", 5).error
             == "an error without words");
  BOOST_TEST(
    read_reply(R"({"id":5,"error":{"message":"a\n\u001b[31mb"}})", 5).error
    == "a \uFFFD[31mb");
  BOOST_TEST(read_reply(R"({"id":5,"error":{"message":")"
                          + std::string(9'000, 'x') + "\"}}",
                        5)
               .error.size()
             < 100U);
  for (const std::string other :
       {R"({"id":4,"result":["ok"]})", R"({"id":"5","result":["ok"]})",
        R"({"method":"props","params":{"power":"on"}})", "", "[5]", "5",
        "{\"id\":5", "garbage"})
    BOOST_TEST(!read_reply(other, 5).ours, other);
  BOOST_TEST(!read_reply(std::string(15'000, '['), 5).ours);
}

BOOST_AUTO_TEST_CASE(judges_the_lamps_words) {
  const struct {
    std::string error;
    outcome expected;
  } rows[]{
    {"", outcome::delivered},
    {"the lamp says: client quota exceeded", outcome::slow_down},
    {"the lamp says: method not supported", outcome::destination_fault},
    {"the lamp says: unsupported method", outcome::destination_fault},
    {"the lamp says: invalid params", outcome::destination_fault},
    {"the lamp says: general error", outcome::retry},
    {"cannot connect", outcome::retry},
    // The system's words are not the lamp's.
    {"cannot connect to lamp: Address family not supported by protocol",
     outcome::retry},
  };
  for (const auto& row : rows)
    BOOST_TEST((judged(row.error).what == row.expected), row.error);
}

BOOST_AUTO_TEST_CASE(a_lamp_that_is_not_there_is_told_with_the_cure) {
  // Port 1 of this machine: tcpmux, which nobody has.
  const configured made{"driver = \"yeelight\"\naddress = \"127.0.0.1:1\"\n"};
  const auto open = made.it->open_transport();
  const auto& writer = std::get<std::unique_ptr<byte_writer>>(open);
  BOOST_TEST(writer->write({"{\"id\":1}\r\n"}).error
             == "cannot connect to 127.0.0.1:1: nobody listens there; is it "
                "switched on, and is LAN control on (Yeelight's app, settings "
                "of the lamp)?");
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_at_their_key) {
  BOOST_TEST(complains("", "address: required"));
  BOOST_TEST(complains("address = \"10.0.0.7:0\"\n", "is not an address"));
  BOOST_TEST(complains("address = \"a b\"\n", "is not an address"));
}
