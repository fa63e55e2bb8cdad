// A resolver that hangs, as it does when a name server is down. The program's
// own getaddrinfo comes before the C library's, for libcurl, too.
#include "tests/net/http_fixture.hpp"
#include "tests/net/http_peer.hpp"
#include "tests/net/mqtt_fixture.hpp"

#include <dlfcn.h>
#include <netdb.h>

namespace {

class hung_resolver {
public:
  [[noreturn]] void ask() {
    std::unique_lock lock{mutex_};
    asked_ = true;
    changed_.notify_all();
    for (;;)
      changed_.wait(lock);
  }

  bool wait_until_asked() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [this] { return asked_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
};

hung_resolver& resolver() {
  // Never destroyed: threads hang in it until the program ends.
  static auto* x = new hung_resolver;
  return *x;
}

} // namespace

extern "C" int getaddrinfo(const char* name, const char* service,
                           const addrinfo* hints, addrinfo** found) {
  static const auto real =
    reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && std::string_view{name} == "slow.invalid")
    resolver().ask();
  return real(name, service, hints, found);
}

using namespace signalbox;
using namespace signalbox::test;

BOOST_AUTO_TEST_SUITE(a_name_server_that_hangs)

BOOST_FIXTURE_TEST_CASE(delays_no_other_http_request, http_fixture) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.answer(x, "200 OK", "ok");
  }};
  auto slow = post("http://slow.invalid/");
  slow.timeout = 200ms;
  auto answer = http_fixture::send(slow);
  BOOST_REQUIRE(resolver().wait_until_asked());
  BOOST_TEST(ask(post(peer.url())).status == 200);
  BOOST_TEST(http_fixture::wait(answer).error
             == "http://slow.invalid:80: no connection within 200 ms");
  // The resolver still hangs; neither later requests nor the end wait for it.
  BOOST_TEST(ask(post(peer.url())).status == 200);
  client.reset();
}

BOOST_AUTO_TEST_CASE(delays_no_mqtt_answer) {
  net::mqtt_options options;
  options.host = "slow.invalid";
  auto client = must_start(options);
  auto hasty = messages(1, 0, 1);
  hasty.timeout = 200ms;
  BOOST_TEST(ask(*client, hasty).error
             == "mqtt://slow.invalid:1883: no connection in time");
  auto patient = send(*client, messages(1, 0, 1));
  client.reset();
  BOOST_TEST(tells(wait(patient), "closing"));
}

BOOST_AUTO_TEST_SUITE_END()
