// What the tests of the HTTP client share.
#pragma once

#include "net/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <future>

namespace signalbox::test {

/// A client whose way to the peer leads through no proxy.
class http_fixture {
public:
  http_fixture() {
    for (const auto* x :
         {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      unsetenv(x); // NOLINT(concurrency-mt-unsafe)
  }

  static http_request post(const std::string& url) {
    http_request x;
    x.url = url;
    x.timeout = std::chrono::seconds(20);
    return x;
  }

  std::future<http_answer> send(http_request request) {
    auto promise = std::make_shared<std::promise<http_answer>>();
    auto answer = promise->get_future();
    client->send(std::move(request), [promise](http_answer x) {
      promise->set_value(std::move(x)); // A second answer would throw.
    });
    return answer;
  }

  static http_answer wait(std::future<http_answer>& answer) {
    BOOST_REQUIRE(
      (answer.wait_for(std::chrono::seconds(30)) == std::future_status::ready));
    return answer.get();
  }

  http_answer ask(http_request request) {
    auto answer = send(std::move(request));
    return wait(answer);
  }

  std::unique_ptr<net::http_client> client = std::make_unique<net::http_client>(
    net::http_client::options{2, "signalbox/test"});
};

} // namespace signalbox::test
