#include "tests/net/http_fixture.hpp"
#include "tests/net/http_peer.hpp"

#include <atomic>
#include <set>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

bool say_ok(http_peer& peer, const http_exchange& x) {
  return peer.answer(x, "200 OK", "ok");
}

bool hang(http_peer& peer, const http_exchange&) {
  peer.hold();
  return false;
}

std::string origin(const http_peer& peer) {
  return "http://127.0.0.1:" + std::to_string(peer.port());
}

bool tells(const http_answer& x, std::string_view words) {
  return x.error.find(words) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(an_http_client, http_fixture)

BOOST_AUTO_TEST_CASE(sends_method_headers_and_body_as_given) {
  http_peer peer{say_ok};
  auto request = post(peer.url("/hook?token=1"));
  request.body = std::string{"{\"text\":\"\0\"}", 12};
  request.headers = {{"Content-Type", "application/json"},
                     {"Idempotency-Key", "k1"},
                     {"X-Empty", ""}};
  const auto answer = ask(request);
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == "ok");
  BOOST_TEST(answer.error.empty());
  const auto seen = peer.requests().at(0);
  BOOST_TEST(seen.head.starts_with("POST /hook?token=1 HTTP/1.1\r\n"));
  BOOST_TEST(seen.body == request.body);
  BOOST_TEST(seen.header("Content-Type") == "application/json");
  BOOST_TEST(seen.header("Idempotency-Key") == "k1");
  BOOST_TEST(seen.header("User-Agent") == "signalbox/test");
  BOOST_TEST(seen.head.find("X-Empty:") != std::string::npos);
  BOOST_TEST(seen.head.find("Expect:") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(sends_each_method) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    // An answer to HEAD has no body, whatever its headers say.
    return x.head.starts_with("HEAD") ? self.answer(x, "204 No Content")
                                      : self.answer(x, "200 OK", "ok");
  }};
  for (const std::string method : {"GET", "HEAD", "PUT", "PATCH", "DELETE"}) {
    auto request = post(peer.url());
    request.method = method;
    BOOST_TEST(ask(request).error == "");
    BOOST_TEST(peer.requests().back().head.starts_with(method + " / "));
  }
}

BOOST_AUTO_TEST_CASE(sends_each_request_whatever_came_before) {
  http_peer peer{say_ok};
  const auto request = [&](std::string key, std::string body) {
    auto x = post(peer.url());
    x.headers = {{"Idempotency-Key", std::move(key)}, {"X-Team", "bi"}};
    x.body = std::move(body);
    return x;
  };
  std::vector<http_request> all{
    request("first", std::string(100'000, 'x')),
    request("2", ""),
    request("", "short"),
    request("a longer key than all before", "{}"),
    request("5", "{}"),
  };
  all[4].headers.erase(all[4].headers.begin() + 1);
  all.push_back(all[3]);
  all.back().method = "PUT";
  all.push_back(all[3]);
  all.back().method = "GET";
  all.push_back(all.back());
  all.back().body.clear();
  all.push_back(all[6]);
  for (const auto& x : all)
    BOOST_REQUIRE(ask(x).status == 200);
  const auto seen = peer.requests();
  BOOST_REQUIRE(seen.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST_CONTEXT("request " << i) {
      BOOST_TEST(seen[i].head.starts_with(all[i].method + " / "));
      BOOST_TEST((seen[i].body == all[i].body));
      BOOST_TEST(seen[i].header("Idempotency-Key") == all[i].headers[0].second);
      const auto team = seen[i].head.find("X-Team: bi") != std::string::npos;
      BOOST_TEST(team == (all[i].headers.size() == 2));
    }
  BOOST_TEST(peer.connections() == 1);
}

BOOST_AUTO_TEST_CASE(takes_requests_from_many_threads) {
  http_peer peer{say_ok};
  constexpr std::size_t each = 200;
  std::vector<std::thread> senders;
  std::atomic<std::size_t> good{0};
  for (std::size_t i = 0; i < 4; ++i)
    senders.emplace_back([&, i] {
      std::vector<std::future<http_answer>> answers;
      for (std::size_t n = 0; n < each; ++n) {
        auto request = post(peer.url());
        request.body = std::to_string(i * each + n);
        request.sender = std::to_string(i % 2);
        answers.push_back(send(std::move(request)));
      }
      for (auto& x : answers)
        good += x.get().status == 200 ? 1 : 0;
    });
  for (auto& x : senders)
    x.join();
  BOOST_TEST(good == 4 * each);
  std::set<std::string> bodies;
  for (const auto& x : peer.requests())
    bodies.insert(x.body);
  BOOST_TEST(bodies.size() == 4 * each);
  BOOST_TEST(peer.most_at_once() <= 4);
}

BOOST_AUTO_TEST_CASE(remembers_more_places_than_it_has_room_for) {
  http_peer peer{say_ok};
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 50; ++i)
      BOOST_TEST(ask(post(peer.url("/" + std::to_string(i)))).status == 200);
  const auto seen = peer.requests();
  for (std::size_t i = 0; i < seen.size(); ++i)
    BOOST_TEST(
      seen[i].head.starts_with("POST /" + std::to_string(i % 50) + " "));
}

BOOST_AUTO_TEST_CASE(tells_status_and_retry_after_of_any_answer) {
  const std::vector<std::pair<std::string, std::string>> rows{
    {"200 OK", "0"},
    {"202 Accepted", "1"},
    {"302 Found", "2"},
    {"400 Bad Request", "3"},
    {"401 Unauthorized", "4"},
    {"404 Not Found", ""},
    {"408 Request Timeout", "5"},
    {"412 Precondition Failed", "0.5"},
    {"413 Content Too Large", "6"},
    {"425 Too Early", "7"},
    {"429 Too Many Requests", "30"},
    {"500 Internal Server Error", ""},
    {"502 Bad Gateway", "-1"},
    {"503 Service Unavailable", "Fri, 31 Dec 1999 23:59:59 GMT"},
    {"504 Gateway Timeout", "soon"},
    {"599 Whatever", std::string(128, '9')},
  };
  for (const auto& row : rows) {
    http_peer peer{[&](http_peer& self, const http_exchange& x) {
      return self.answer(x, row.first, "why",
                         row.second.empty()
                           ? std::string{}
                           : "retry-AFTER:  " + row.second + " \r\n");
    }};
    const auto answer = ask(post(peer.url()));
    BOOST_TEST(answer.status == std::stoi(row.first));
    BOOST_TEST(answer.retry_after == row.second);
    BOOST_TEST(answer.body == "why");
    BOOST_TEST(answer.error == "");
  }
}

BOOST_AUTO_TEST_CASE(forgets_the_headers_of_an_interim_answer) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.write(x, "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n")
           && self.answer(x, "200 OK", "ok");
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.retry_after == "");
}

BOOST_AUTO_TEST_CASE(cuts_a_body_that_never_ends) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    const std::string piece(4'000, 'x');
    self.write(x, "HTTP/1.1 200 OK\r\n\r\n");
    while (self.write(x, piece)) {
      // Until the client is gone.
    }
    return false;
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.body.size() == 65'536U);
}

BOOST_AUTO_TEST_CASE(cuts_a_chunked_body_that_is_too_long) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    self.write(x, "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n");
    const auto piece = "fa0\r\n" + std::string(4'000, 'x') + "\r\n";
    while (self.write(x, piece)) {
      // Until the client is gone.
    }
    return false;
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(answer.body.size() == 65'536U);
}

BOOST_AUTO_TEST_CASE(hears_retry_after_when_it_cuts_the_body) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.answer(x, "429 Too Many Requests", std::string(65'537, 'x'),
                       "Retry-After: 30\r\n");
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 429);
  BOOST_TEST(answer.retry_after == "30");
}

BOOST_AUTO_TEST_CASE(uses_no_connection_again_whose_answer_it_cut) {
  // What follows on each connection would be taken for the next answer.
  const auto rest = "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno";
  const auto large = std::string(65'537, 'x') + rest;
  const std::vector<std::string> answers{
    "Content-Length: " + std::to_string(large.size()) + "\r\n\r\n" + large,
    "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + large,
    "\r\n" + large,
  };
  for (const auto& bytes : answers) {
    http_peer peer{[&](http_peer& self, const http_exchange& x) {
      return self.requests().size() > 1
               ? say_ok(self, x)
               : self.write(x, "HTTP/1.1 200 OK\r\n" + bytes);
    }};
    BOOST_TEST(ask(post(peer.url())).body == std::string(65'536, 'x'));
    for (auto i = 0; i < 2; ++i) {
      const auto answer = ask(post(peer.url()));
      BOOST_TEST(answer.status == 200);
      BOOST_TEST(answer.body == "ok");
    }
    BOOST_TEST(peer.connections() == 2);
  }
}

BOOST_AUTO_TEST_CASE(takes_nothing_that_comes_too_much_for_the_next_answer) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    self.write(x, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                  "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno");
    return true;
  }};
  for (auto i = 0; i < 3; ++i) {
    const auto answer = ask(post(peer.url()));
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == "ok");
  }
}

BOOST_AUTO_TEST_CASE(keeps_a_body_that_just_fits) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    return self.answer(x, "200 OK", std::string(65'536, 'x'));
  }};
  for (auto i = 0; i < 2; ++i)
    BOOST_TEST(ask(post(peer.url())).body.size() == 65'536U);
  BOOST_TEST(peer.connections() == 1);
}

BOOST_AUTO_TEST_CASE(does_not_wait_longer_than_the_time_out) {
  http_peer peer{hang};
  auto request = post(peer.url("/secret"));
  request.timeout = 200ms;
  const auto answer = ask(request);
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error == origin(peer) + ": no whole answer within 200 ms");
}

BOOST_AUTO_TEST_CASE(tells_that_nobody_listens) {
  const auto url = "http://127.0.0.1:" + std::to_string(free_port());
  const auto answer = ask(post(url + "/secret"));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error == url + ": no connection (Connection refused)");
}

BOOST_AUTO_TEST_CASE(tells_that_the_server_closed_without_an_answer) {
  http_peer peer{[](http_peer&, const http_exchange&) {
    return false;
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error
             == origin(peer)
                  + ": the server closed the connection without an answer");
}

BOOST_AUTO_TEST_CASE(does_not_take_half_an_answer_for_one) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    self.write(x, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    return false;
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.body == "");
  BOOST_TEST(tells(answer, "in the middle of its answer"), answer.error);
}

BOOST_AUTO_TEST_CASE(does_not_take_garbage_for_an_answer) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    self.write(x, "\x01\x02 not HTTP \x1b[31m\r\n\r\n");
    return false;
  }};
  const auto answer = ask(post(peer.url()));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.error != "");
  BOOST_TEST(answer.error.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(does_not_follow_a_redirect) {
  http_peer other{say_ok};
  http_peer peer{[&](http_peer& self, const http_exchange& x) {
    return self.answer(x, "307 Temporary Redirect", "",
                       "Location: " + other.url() + "\r\n");
  }};
  BOOST_TEST(ask(post(peer.url())).status == 307);
  BOOST_TEST(other.connections() == 0);
}

BOOST_AUTO_TEST_CASE(keeps_connections_alive) {
  http_peer peer{say_ok};
  for (auto i = 0; i < 20; ++i)
    BOOST_TEST(ask(post(peer.url())).status == 200);
  BOOST_TEST(peer.connections() == 1);
}

BOOST_AUTO_TEST_CASE(opens_no_more_connections_than_allowed) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    self.hold();
    return say_ok(self, x);
  }};
  std::vector<std::future<http_answer>> answers;
  answers.reserve(10);
  for (auto i = 0; i < 10; ++i)
    answers.push_back(send(post(peer.url())));
  BOOST_TEST(peer.wait_for_requests(2));
  peer.release();
  for (auto& x : answers)
    BOOST_TEST(wait(x).status == 200);
  BOOST_TEST(peer.connections() == 2);
  BOOST_TEST(peer.most_at_once() == 2);
}

BOOST_AUTO_TEST_CASE(sends_to_one_server_in_order) {
  client = std::make_unique<net::http_client>(
    net::http_client::options{1, "signalbox/test"});
  http_peer peer{say_ok};
  std::vector<std::future<http_answer>> answers;
  for (auto i = 0; i < 20; ++i) {
    auto request = post(peer.url());
    request.body = std::to_string(i);
    answers.push_back(send(request));
  }
  for (auto& x : answers)
    wait(x);
  const auto seen = peer.requests();
  BOOST_REQUIRE(seen.size() == answers.size());
  for (std::size_t i = 0; i < seen.size(); ++i)
    BOOST_TEST(seen[i].body == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_hung_server_delays_nobody_else) {
  http_peer hung{hang};
  http_peer healthy{say_ok};
  std::vector<std::future<http_answer>> stuck;
  stuck.reserve(10);
  for (auto i = 0; i < 10; ++i)
    stuck.push_back(send(post(hung.url())));
  BOOST_TEST(hung.wait_for_requests(2));
  for (auto i = 0; i < 10; ++i)
    BOOST_TEST(ask(post(healthy.url())).status == 200);
  for (auto& x : stuck)
    BOOST_TEST((x.wait_for(0s) == std::future_status::timeout));
}

BOOST_AUTO_TEST_CASE(a_sender_that_hangs_delays_no_other_at_the_same_server) {
  http_peer peer{[](http_peer& self, const http_exchange& x) {
    if (x.head.starts_with("POST /slow"))
      return hang(self, x);
    return say_ok(self, x);
  }};
  auto slow = post(peer.url("/slow"));
  slow.sender = "slow";
  std::vector<std::future<http_answer>> stuck;
  stuck.reserve(10);
  for (auto i = 0; i < 10; ++i)
    stuck.push_back(send(slow));
  BOOST_TEST(peer.wait_for_requests(2));
  auto quick = post(peer.url("/quick"));
  quick.sender = "quick";
  for (auto i = 0; i < 10; ++i)
    BOOST_TEST(ask(quick).status == 200);
  for (auto& x : stuck)
    BOOST_TEST((x.wait_for(0s) == std::future_status::timeout));
}

BOOST_AUTO_TEST_CASE(waiting_for_a_turn_counts_as_time) {
  http_peer hung{hang};
  auto first = send(post(hung.url()));
  auto second = send(post(hung.url()));
  BOOST_TEST(hung.wait_for_requests(2));
  auto late = post(hung.url());
  late.timeout = 100ms;
  BOOST_TEST(ask(late).error
             == origin(hung)
                  + ": not sent within 100 ms, for all its connections to "
                    "this server were busy");
  hung.release();
  wait(first);
  wait(second);
  BOOST_TEST(hung.requests().size() == 2U);
}

BOOST_AUTO_TEST_CASE(only_connects_for_a_probe) {
  http_peer peer{say_ok};
  auto probe = post(peer.url());
  probe.connect_only = true;
  const auto answer = ask(probe);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(peer.requests().empty());
  probe.url = "http://127.0.0.1:" + std::to_string(free_port());
  BOOST_TEST(tells(ask(probe), "Connection refused"));
}

BOOST_AUTO_TEST_CASE(answers_everybody_when_it_ends) {
  http_peer hung{hang};
  std::vector<std::future<http_answer>> answers;
  answers.reserve(5);
  for (auto i = 0; i < 5; ++i)
    answers.push_back(send(post(hung.url())));
  BOOST_TEST(hung.wait_for_requests(2));
  client.reset();
  for (auto& x : answers)
    BOOST_TEST(tells(wait(x), "closing"));
}

BOOST_AUTO_TEST_CASE(a_request_can_be_sent_from_an_answer) {
  http_peer peer{say_ok};
  std::promise<int> second;
  auto status = second.get_future();
  client->send(post(peer.url()), [&](const http_answer&) {
    client->send(post(peer.url()),
                 [&](const http_answer& x) { second.set_value(x.status); });
  });
  BOOST_REQUIRE((status.wait_for(20s) == std::future_status::ready));
  BOOST_TEST(status.get() == 200);
}

BOOST_AUTO_TEST_CASE(refuses_requests_that_would_not_be_what_they_say) {
  http_peer peer{say_ok};
  auto split = post(peer.url());
  split.headers = {{"X-Team", "bi\r\nX-Admin: yes"}};
  auto name = post(peer.url());
  name.headers = {{"X-Team: a\r\nX", "b"}};
  auto method = post(peer.url());
  method.method = "POST / HTTP/1.1\r\nX:";
  for (const auto& x : {split, name, method}) {
    const auto answer = ask(x);
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(answer.error != "");
  }
  BOOST_TEST(peer.connections() == 0);
}

BOOST_AUTO_TEST_CASE(never_tells_what_a_url_hides) {
  const auto port = std::to_string(free_port());
  const std::vector<std::string> urls{
    "http://user:s3cret@127.0.0.1:" + port + "/s3cret?k=s3cret#s3cret",
    "http://user:s3cret@signalbox.invalid/s3cret",
    "ftp://user:s3cret@127.0.0.1/s3cret",
    "http:///s3cret",
    "s3cret://127.0.0.1/",
    "http://127.0.0.1:s3cret/",
    "file:///s3cret",
    "s3cret",
    "",
  };
  for (const auto& x : urls) {
    const auto answer = ask(post(x));
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(answer.error != "");
    BOOST_TEST(answer.error.find("s3cret") == std::string::npos, answer.error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
