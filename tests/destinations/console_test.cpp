#include "destinations/console/terminal.hpp"
#include "formats/event_json.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

using namespace signalbox;
using test::configured;
using test::goran;

namespace {

struct in_utc {
  in_utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

std::string line(const event& x, bool colors = false) {
  std::string out;
  console::append_line(out, x, colors);
  return out;
}

std::string bytes(std::string_view keys, const event& x) {
  const configured made{"kind = \"console\"\n" + std::string{keys}};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  return std::get<write_request>(test::shape(*made.it, x).value()).bytes;
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(in_utc);

BOOST_AUTO_TEST_CASE(tells_an_event_in_one_line) {
  auto x = goran();
  x.kind = event_kind::connection_open;
  x.command = "Open connection";
  x.app_name = "Sales dashboard";
  BOOST_TEST(line(x)
             == "09:15:02  Open connection   LAB/goran  pro2-win1  Sales "
                "dashboard");
  BOOST_TEST(line(goran())
             == "09:15:02  Start session     LAB/goran  pro2-win1");
}

BOOST_AUTO_TEST_CASE(colours_only_when_asked) {
  BOOST_TEST(line(goran()).find('\x1b') == std::string::npos);
  BOOST_TEST(line(goran(), true).find("\x1b[32m  Start session")
             != std::string::npos);
  auto x = goran();
  x.kind = event_kind::session_stop;
  BOOST_TEST(line(x, true).find("\x1b[31m") != std::string::npos);
  BOOST_TEST(bytes("color = \"always\"", goran()).find("\x1b[32m")
             != std::string::npos);
  BOOST_TEST(bytes("color = \"never\"", goran()).find('\x1b')
             == std::string::npos);
}

BOOST_AUTO_TEST_CASE(lets_no_value_move_the_cursor) {
  auto x = goran();
  x.user_id = "a\x1b[2J\nb";
  BOOST_TEST(line(x).find_first_of("\x1b\n") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(offers_json_and_templates) {
  std::string json;
  append_json(json, goran());
  BOOST_TEST(bytes("format = \"json\"", goran()) == json + "\n");
  BOOST_TEST(bytes("template = \"{{user}} @ {{host}}\"", goran())
             == "LAB/goran @ pro2-win1\n");
}

BOOST_AUTO_TEST_CASE(survives_a_reader_that_went_away) {
  std::array<int, 2> ends{};
  BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  ::signal(SIGPIPE, SIG_DFL); // which would end the process
  console::descriptor_writer writer{ends[1]};
  BOOST_TEST(writer.write({"one\n"}).error == "");
  std::array<char, 4> read{};
  BOOST_TEST(::read(ends[0], read.data(), read.size()) == 4);
  ::close(ends[0]);
  for (auto i = 0; i < 2; ++i)
    BOOST_TEST(writer.write({"two\n"}).error
               == "cannot write to the standard output: Broken pipe");
  ::close(ends[1]);
}
