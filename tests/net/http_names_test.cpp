// A resolver that hangs, as it does when a name server is down. The program's
// own getaddrinfo comes before the C library's for libcurl, too.
#include "tests/net/http_fixture.hpp"
#include "tests/net/http_peer.hpp"

#include <dlfcn.h>
#include <netdb.h>

namespace {

class gate {
public:
  void open() {
    {
      const std::lock_guard lock{mutex_};
      open_ = true;
    }
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock{mutex_};
    entered_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }

  bool wait_until_entered() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [this] { return entered_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool open_ = false;
};

gate& resolver() {
  // Never destroyed: a resolver's thread may outlive the test.
  static auto* x = new gate;
  return *x;
}

} // namespace

extern "C" int getaddrinfo(const char* name, const char* service,
                           const addrinfo* hints, addrinfo** found) {
  static const auto real =
    reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && std::string_view{name} == "slow.invalid") {
    resolver().wait();
    return EAI_NONAME;
  }
  return real(name, service, hints, found);
}

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_CASE(a_name_server_that_hangs_delays_nobody_else,
                        http_fixture) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.answer(x, "200 OK", "ok");
  }};
  auto slow = post("http://slow.invalid/");
  slow.timeout = 200ms;
  auto answer = send(slow);
  BOOST_REQUIRE(resolver().wait_until_entered());
  BOOST_TEST(ask(post(peer.url())).status == 200);
  BOOST_TEST(wait(answer).error
             == "http://slow.invalid:80: no connection within 200 ms");
  // The resolver still hangs; neither later requests nor the end wait for it.
  BOOST_TEST(ask(post(peer.url())).status == 200);
  client.reset();
  resolver().open();
}
