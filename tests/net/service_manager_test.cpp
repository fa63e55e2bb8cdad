#include "net/descriptor.hpp"
#include "net/service_manager.hpp"
#include "tests/net/child_process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <string_view>

#include <sys/un.h>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

/// A service manager's end: what was sent is there when the call returns.
class manager {
public:
  manager() {
    const auto path = folder_ / "notify";
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    BOOST_REQUIRE(path.size() < sizeof(name.sun_path));
    std::memcpy(name.sun_path, path.data(), path.size());
    BOOST_REQUIRE(
      bind(fd_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name))
      == 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }

  ~manager() {
    unsetenv("NOTIFY_SOCKET");
  }

  manager(const manager&) = delete;
  manager& operator=(const manager&) = delete;

  [[nodiscard]] std::string told() const {
    std::string text(8'192, '\0');
    const auto n = recv(fd_.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
  }

private:
  test::temporary_directory folder_;
  net::descriptor fd_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

void set_watchdog(const char* us, const std::string& pid) {
  setenv("WATCHDOG_USEC", us, 1);
  setenv("WATCHDOG_PID", pid.c_str(), 1);
}

} // namespace

BOOST_AUTO_TEST_CASE(says_nothing_without_a_service_manager) {
  unsetenv("NOTIFY_SOCKET");
  BOOST_TEST(!net::notify_ready());
  BOOST_TEST(!net::notify_reloading());
  BOOST_TEST(!net::notify_stopping());
  BOOST_TEST(!net::notify_status("text"));
  BOOST_TEST(!net::notify_failed("reason"));
  BOOST_TEST(!net::notify_alive());
}

BOOST_AUTO_TEST_CASE(survives_a_service_manager_that_is_gone) {
  setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
  BOOST_TEST(!net::notify_ready());
  unsetenv("NOTIFY_SOCKET");
}

BOOST_AUTO_TEST_CASE(tells_each_state_in_its_own_message) {
  const manager systemd;
  BOOST_TEST(net::notify_ready());
  BOOST_TEST(systemd.told() == "READY=1");
  BOOST_TEST(net::notify_stopping());
  BOOST_TEST(systemd.told() == "STOPPING=1");
  BOOST_TEST(net::notify_status("3 destinations"));
  BOOST_TEST(systemd.told() == "STATUS=3 destinations");
  BOOST_TEST(net::notify_failed("the port is in use"));
  BOOST_TEST(systemd.told() == "STATUS=Failed: the port is in use");
  BOOST_TEST(net::notify_alive());
  BOOST_TEST(systemd.told() == "WATCHDOG=1");
  BOOST_TEST(systemd.told().empty());
}

BOOST_AUTO_TEST_CASE(tells_when_a_reload_began) {
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
  };
  const manager systemd;
  const auto before = now();
  BOOST_TEST(net::notify_reloading());
  const auto after = now();
  const auto told = systemd.told();
  constexpr std::string_view head = "RELOADING=1\nMONOTONIC_USEC=";
  BOOST_REQUIRE(told.starts_with(head));
  const auto stamp = std::stoll(told.substr(head.size()));
  BOOST_TEST(before <= stamp);
  BOOST_TEST(stamp <= after);
}

BOOST_AUTO_TEST_CASE(a_status_cannot_become_another_assignment) {
  const manager systemd;
  BOOST_TEST(net::notify_status("bad\nREADY=1\r\tx\x7f"));
  BOOST_TEST(systemd.told() == "STATUS=bad READY=1  x ");
}

BOOST_AUTO_TEST_CASE(cuts_a_long_status_between_characters) {
  const manager systemd;
  BOOST_TEST(net::notify_status(std::string(5'000, 'x')));
  BOOST_TEST(systemd.told() == "STATUS=" + std::string(1'000, 'x'));
  // An euro sign has three bytes; the last one would end at 1,001.
  std::string euros = "12";
  for (auto i = 0; i < 400; ++i)
    euros += "\xe2\x82\xac";
  BOOST_TEST(net::notify_status(euros));
  BOOST_TEST(systemd.told() == "STATUS=" + euros.substr(0, 998));
}

BOOST_AUTO_TEST_CASE(the_watchdog_wants_to_hear_twice_in_its_time) {
  set_watchdog("30000000", std::to_string(getpid()));
  BOOST_TEST((net::watchdog_interval() == duration{15s}));
  set_watchdog("30000000", std::to_string(getppid()));
  BOOST_TEST(!net::watchdog_interval());
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
  BOOST_TEST(!net::watchdog_interval());
}
