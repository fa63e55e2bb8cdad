#include "tests/net/http_fixture.hpp"
#include "tests/net/http_peer.hpp"

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

/// Answers `/s3cret` with a redirect, all else with "ok".
http_peer::behaviour redirects(std::string status, std::string location) {
  return [=](http_peer& self, const http_exchange& x) {
    return x.head.find(" /s3cret") == std::string::npos
             ? self.answer(x, "200 OK", "ok")
             : self.answer(x, status, "moved",
                           "Location: " + location + "\r\n");
  };
}

http_request following(const http_peer& peer,
                       const std::string& path = "/s3cret") {
  auto x = http_fixture::post(peer.url(path));
  x.body = "event";
  x.headers = {{"Content-Type", "text/plain"}, {"Idempotency-Key", "k1"}};
  x.follow_redirect = true;
  return x;
}

std::string origin(const http_peer& peer) {
  return "http://127.0.0.1:" + std::to_string(peer.port());
}

std::string first_line(const http_exchange& x) {
  return x.head.substr(0, x.head.find("\r\n"));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_redirect, http_fixture)

BOOST_AUTO_TEST_CASE(is_followed_with_method_headers_and_body) {
  for (const auto* status :
       {"301 Moved Permanently", "302 Found", "307 Temporary Redirect",
        "308 Permanent Redirect"})
    for (const std::string method : {"POST", "PUT", "PATCH"}) {
      http_peer peer{redirects(status, "/new?a=1")};
      auto request = following(peer);
      request.method = method;
      const auto answer = ask(request);
      BOOST_TEST(answer.status == 200);
      BOOST_TEST(answer.body == "ok");
      BOOST_TEST(answer.error == "");
      const auto seen = peer.requests();
      BOOST_TEST_REQUIRE(seen.size() == 2U);
      BOOST_TEST(first_line(seen[1]) == method + " /new?a=1 HTTP/1.1");
      BOOST_TEST(seen[1].body == "event");
      // All headers, once each.
      BOOST_TEST(seen[1].head.substr(seen[1].head.find("\r\n"))
                 == seen[0].head.substr(seen[0].head.find("\r\n")));
      BOOST_TEST(peer.connections() == 1);
    }
}

BOOST_AUTO_TEST_CASE(is_not_followed_unless_asked_for) {
  http_peer peer{redirects("307 Temporary Redirect", "/new")};
  auto request = following(peer);
  request.follow_redirect = false;
  const auto answer = ask(request);
  BOOST_TEST(answer.status == 307);
  BOOST_TEST(answer.body == "moved");
  BOOST_TEST(answer.error == "");
  BOOST_TEST(peer.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(leads_where_rfc_3986_says) {
  const std::vector<std::pair<std::string, std::string>> rows{
    {"/x", "/x"},
    {"x", "/a/x"},
    {"../x", "/x"},
    {"/x y", "/x%20y"},
    {"?q=%2Fx%2f+1", "/a/s3cret?q=%2Fx%2f+1"},
    {"/x%2F%2fy?z#fragment", "/x%2F%2fy?z"},
    {"HTTP://127.0.0.1:PORT/x", "/x"},
    {"//127.0.0.1:PORT/x?y", "/x?y"},
    {"http://127.0.0.1:PORT", "/"},
    {"http://127.0.0.1:PORT//other.example/x", "//other.example/x"},
    {"http://someone:else@127.0.0.1:PORT/x", "/x"},
  };
  for (const auto& [location, expected] : rows) {
    std::string port;
    http_peer peer{
      [&, &to = location](http_peer& self, const http_exchange& x) {
        auto text = to;
        if (const auto i = text.find("PORT"); i != std::string::npos)
          text.replace(i, 4, port);
        return self.requests().size() > 1
                 ? self.answer(x, "200 OK", "ok")
                 : self.answer(x, "308 Permanent Redirect", "",
                               "location:" + text + " \r\n");
      }};
    port = std::to_string(peer.port());
    const auto answer = ask(following(peer, "/a/s3cret?old=1#old"));
    BOOST_TEST(answer.status == 200, location << ": " << answer.error);
    BOOST_TEST(first_line(peer.requests().back())
               == "POST " + expected + " HTTP/1.1");
    BOOST_TEST(peer.requests().back().header("Authorization") == "");
  }
}

BOOST_AUTO_TEST_CASE(keeps_the_credentials_of_the_url) {
  for (const auto* location : {"/new", "http://eve:x@127.0.0.1:PORT/new"}) {
    std::string to = location;
    http_peer peer{[&](http_peer& self, const http_exchange& x) {
      return redirects("307 Temporary Redirect", to)(self, x);
    }};
    if (const auto i = to.find("PORT"); i != std::string::npos)
      to.replace(i, 4, std::to_string(peer.port()));
    auto request = following(peer);
    request.url.insert(std::string_view{"http://"}.size(), "us%40er:pass@");
    BOOST_TEST(ask(request).status == 200);
    const auto seen = peer.requests();
    BOOST_TEST_REQUIRE(seen.size() == 2U);
    // "us@er:pass"
    BOOST_TEST(seen[1].header("Authorization") == "Basic dXNAZXI6cGFzcw==");
    BOOST_TEST(seen[0].header("Authorization")
               == seen[1].header("Authorization"));
  }
}

BOOST_AUTO_TEST_CASE(to_the_same_host_in_other_letters_is_followed) {
  std::string to;
  http_peer peer{[&](http_peer& self, const http_exchange& x) {
    return redirects("302 Found", to)(self, x);
  }};
  const auto port = std::to_string(peer.port());
  to = "http://LocalHost:" + port + "/new";
  auto request = following(peer);
  request.url = "http://localhost:" + port + "/s3cret";
  const auto answer = ask(request);
  BOOST_TEST(answer.status == 200, answer.error);
}

BOOST_AUTO_TEST_CASE(to_another_server_is_not_followed) {
  http_peer other{redirects("200 OK", "/")};
  const auto port = std::to_string(other.port());
  const std::vector<std::pair<std::string, std::string>> rows{
    // Another port, and another name for the same address.
    {"http://127.0.0.1:" + port + "/s3cret?s3cret#s3cret",
     "http://127.0.0.1:" + port},
    {"//127.0.0.1:" + port + "/s3cret", "http://127.0.0.1:" + port},
    {"http://localhost:" + port + "/", "http://localhost:" + port},
    {"http://s3cret:s3cret@localhost:" + port + "/",
     "http://localhost:" + port},
    {"http://127.0.0.1/s3cret", "http://127.0.0.1:80"},
    {"https://127.0.0.1/s3cret", "https://127.0.0.1:443"},
    // Where a careless parser sees ours.
    {"http://127.0.0.1:PORT@other.example/", "http://other.example:80"},
    {"http://other.example/#@127.0.0.1:PORT/", "http://other.example:80"},
    {"http://127.0.0.1.other.example:PORT/",
     "http://127.0.0.1.other.example:PORT"},
    {"https://127.0.0.1:PORT/s3cret", "https://127.0.0.1:PORT"},
  };
  for (const auto& [location, shown] : rows) {
    const auto with_port = [](std::string text, const http_peer& peer) {
      if (const auto i = text.find("PORT"); i != std::string::npos)
        text.replace(i, 4, std::to_string(peer.port()));
      return text;
    };
    http_peer peer{[&, &to = location](http_peer& self,
                                       const http_exchange& x) {
      return redirects("307 Temporary Redirect", with_port(to, self))(self, x);
    }};
    const auto answer = ask(following(peer));
    BOOST_TEST(answer.status == 307);
    BOOST_TEST(answer.body == "moved");
    BOOST_TEST(answer.error
               == "the redirect is not followed, for it leads to "
                    + with_port(shown, peer) + ", away from " + origin(peer));
    BOOST_TEST(peer.requests().size() == 1U);
  }
  BOOST_TEST(other.connections() == 0);
}

BOOST_AUTO_TEST_CASE(is_followed_once) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.answer(x, "302 Found", "again", "Location: /s3cret\r\n");
  }};
  const auto answer = ask(following(peer));
  BOOST_TEST(answer.status == 302);
  BOOST_TEST(answer.body == "again");
  BOOST_TEST(answer.error == "a second redirect is not followed");
  BOOST_TEST(peer.requests().size() == 2U);
}

BOOST_AUTO_TEST_CASE(of_another_kind_is_not_followed) {
  for (const auto* status :
       {"300 Multiple Choices", "303 See Other", "305 Use Proxy"}) {
    http_peer peer{redirects(status, "/new")};
    const auto answer = ask(following(peer));
    BOOST_TEST(answer.status == std::stoi(status));
    BOOST_TEST(answer.error == "only 301, 302, 307 and 308 are followed");
    BOOST_TEST(peer.requests().size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(that_leads_nowhere_is_the_answer) {
  constexpr auto nowhere = "the redirect does not say where to";
  constexpr auto not_valid = "the redirect does not lead to a valid HTTP URL";
  const std::vector<std::pair<std::string, std::string>> rows{
    {"", nowhere},
    {"Location:\r\n", nowhere},
    {"Location:  \r\n", nowhere},
    {"X-Location: /new\r\n", nowhere},
    {"Location: http://[s3cret/\r\n", not_valid},
    {"Location: http://127.0.0.1:s3cret/\r\n", not_valid},
    {"Location: http://127.0.0.1:99999/\r\n", not_valid},
    {"Location: ftp://127.0.0.1/s3cret\r\n", not_valid},
    {"Location: file:///s3cret\r\n", not_valid},
    {"Location: s3cret://127.0.0.1/\r\n", not_valid},
    {"Location: javascript:s3cret\r\n", not_valid},
    {"Location: http://127.0.0.1/s3 cret\r\n", not_valid},
    {"Location: /s3\x1b[31mcret\r\n", not_valid},
    {"Location: /" + std::string(8'192, 'x') + "\r\n",
     "the redirect leads to a URL that is too long"},
  };
  for (const auto& [headers, expected] : rows) {
    http_peer peer{[&lines = headers](http_peer& self, const http_exchange& x) {
      return self.answer(x, "308 Permanent Redirect", "", lines);
    }};
    const auto answer = ask(following(peer));
    BOOST_TEST(answer.status == 308);
    BOOST_TEST(answer.error == expected, headers << ": " << answer.error);
    BOOST_TEST(peer.requests().size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(cannot_write_what_it_likes_into_a_log) {
  const std::vector<std::string> hosts{
    "\xE2\x80\xAE"
    "elpmaxe.example",
    "a%0d%0aHTTP.example",
    "a%1b%5b31m.example",
    std::string(4'000, 'a') + ".example",
  };
  for (const auto& host : hosts) {
    http_peer peer{redirects("301 Moved", "http://" + host + "/s3cret")};
    const auto answer = ask(following(peer));
    BOOST_TEST(answer.status == 301);
    BOOST_TEST(answer.error != "");
    BOOST_TEST(answer.error.size() < 400U);
    BOOST_TEST(std::all_of(answer.error.begin(), answer.error.end(),
                           [](char x) { return x >= ' ' && x <= '~'; }),
               answer.error);
    BOOST_TEST(answer.error.find("s3cret") == std::string::npos, answer.error);
  }
}

BOOST_AUTO_TEST_CASE(shares_the_time_out_with_what_it_leads_to) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    if (self.requests().size() > 1) {
      self.hold();
      return false;
    }
    return self.answer(x, "307 Temporary Redirect", "", "Location: /new\r\n");
  }};
  auto request = following(peer);
  request.timeout = 300ms;
  const auto start = std::chrono::steady_clock::now();
  const auto answer = ask(request);
  const auto spent = std::chrono::steady_clock::now() - start;
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error == origin(peer) + ": no whole answer within 300 ms");
  BOOST_TEST((spent >= 290ms));
  BOOST_TEST(peer.requests().size() == 2U);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_of_its_answer_behind) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.requests().size() > 1
             ? self.answer(x, "503 Service Unavailable", "later")
             : self.answer(x, "308 Permanent Redirect",
                           std::string(70'000, 'x'),
                           "Location: /new\r\nRetry-After: 9\r\n");
  }};
  const auto answer = ask(following(peer));
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.body == "later");
  BOOST_TEST(answer.retry_after == "");
  BOOST_TEST(answer.error == "");
}

BOOST_AUTO_TEST_CASE(is_followed_on_another_connection_where_it_must) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    if (self.requests().size() > 1)
      return self.answer(x, "200 OK", "ok");
    self.answer(x, "307 Temporary Redirect", "",
                "Location: /new\r\nConnection: close\r\n");
    return false;
  }};
  BOOST_TEST(ask(following(peer)).status == 200);
  BOOST_TEST(peer.connections() == 2);
}

BOOST_AUTO_TEST_CASE(of_half_an_answer_is_not_followed) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    self.write(x, "HTTP/1.1 307 Moved\r\nLocation: /new\r\n"
                  "Content-Length: 100\r\n\r\nhalf");
    return false;
  }};
  const auto answer = ask(following(peer));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error
             == origin(peer)
                  + ": the server closed the connection in the middle of its "
                    "answer");
  BOOST_TEST(peer.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(keeps_the_turn_of_its_request) {
  client = std::make_unique<net::http_client>(
    net::http_client::options{1, "signalbox/test"});
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    if (self.requests().size() == 1)
      self.hold();
    return redirects("307 Temporary Redirect", "/new")(self, x);
  }};
  auto first = send(following(peer));
  BOOST_TEST(peer.wait_for_requests(1));
  auto second = send(following(peer, "/second"));
  peer.release();
  BOOST_TEST(wait(first).status == 200);
  BOOST_TEST(wait(second).status == 200);
  const auto seen = peer.requests();
  BOOST_TEST_REQUIRE(seen.size() == 3U);
  BOOST_TEST(first_line(seen[1]) == "POST /new HTTP/1.1");
  BOOST_TEST(first_line(seen[2]) == "POST /second HTTP/1.1");
}

BOOST_AUTO_TEST_CASE(means_nothing_to_a_probe) {
  http_peer peer{redirects("307 Temporary Redirect", "/new")};
  auto probe = following(peer);
  probe.connect_only = true;
  const auto answer = ask(probe);
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(peer.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()
