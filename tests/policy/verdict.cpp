#include "policy/verdict.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

using namespace signalbox;
using namespace std::chrono;

namespace signalbox {

std::ostream& operator<<(std::ostream& out, outcome x) {
  return out << "outcome " << static_cast<int>(x);
}

} // namespace signalbox

namespace {

constexpr wall_time now = sys_days{2026y / 11 / 22} + 9h + 500ms;

http_answer answer(int status, std::string body = {}) {
  http_answer x;
  x.status = status;
  x.body = std::move(body);
  return x;
}

} // namespace

BOOST_AUTO_TEST_CASE(judges_http_by_the_table) {
  struct row {
    outcome what;
    std::vector<int> statuses;
  };
  const std::vector<row> rows{
    {outcome::delivered, {200, 201, 202, 204, 299}},
    {outcome::retry, {408, 425, 500, 502, 503, 504}},
    {outcome::slow_down, {429}},
    {outcome::destination_fault, {401, 403, 404, 407, 410}},
    {outcome::event_fault, {400, 414, 415, 422}},
    {outcome::too_large, {413}},
    {outcome::destination_fault, {300, 301, 302, 303, 304, 307, 308}},
    // Without a row: as 400, as 500.
    {outcome::event_fault, {402, 405, 409, 412, 418, 451, 499}},
    {outcome::retry, {501, 505, 507, 511, 520, 599}},
    {outcome::retry, {100, 199, 600, 999, -1}},
  };
  for (const auto& [what, statuses] : rows)
    for (const auto status : statuses) {
      const auto x = judge_http(answer(status), now);
      BOOST_TEST(x.what == what, "status " << status << ": " << x.what);
      BOOST_TEST(x.reason.empty() == (what == outcome::delivered));
      BOOST_TEST(x.done == 0U);
    }
}

BOOST_AUTO_TEST_CASE(retries_when_there_was_no_answer) {
  http_answer none;
  none.error = "could not resolve host\r\nexample.invalid";
  const auto x = judge_http(none, now);
  BOOST_TEST(x.what == outcome::retry);
  BOOST_TEST(x.reason == "could not resolve host example.invalid");
  BOOST_TEST(judge_http({}, now).reason == "no answer");
}

BOOST_AUTO_TEST_CASE(says_what_was_answered) {
  BOOST_TEST(judge_http(answer(400, "invalid_payload\n"), now).reason
             == "HTTP 400: invalid_payload");
  BOOST_TEST(judge_http(answer(503), now).reason == "HTTP 503");
  BOOST_TEST(judge_http(answer(302, "<html>"), now).reason
             == "HTTP 302: redirects are not followed");
  BOOST_TEST(
    judge_http(answer(400, "a\x1b[2J\xff\n2026 ERROR forged"), now).reason
    == "HTTP 400: a\uFFFD[2J\uFFFD 2026 ERROR forged");
}

BOOST_AUTO_TEST_CASE(cuts_long_answers_between_characters) {
  std::string body;
  for (int i = 0; i < 20'000; ++i)
    body += "東";
  const auto reason = judge_http(answer(500, body), now).reason;
  BOOST_TEST(reason.starts_with("HTTP 500: 東東"));
  BOOST_TEST(reason.ends_with("東…"));
  // "HTTP 500: " has 10 characters, the rest 3 bytes each.
  BOOST_TEST(reason.size() == 10 + (300 - 10) * 3U);
}

BOOST_AUTO_TEST_CASE(hears_retry_after_where_it_retries) {
  for (const auto status : {408, 425, 429, 500, 502, 503, 504}) {
    auto x = answer(status);
    x.retry_after = "7";
    BOOST_TEST((judge_http(x, now).retry_after == 7s));
    x.retry_after = "soon";
    BOOST_TEST(!judge_http(x, now).retry_after);
  }
  for (const auto status : {200, 301, 400, 401, 403, 404, 410, 413, 422}) {
    auto x = answer(status);
    x.retry_after = "7";
    BOOST_TEST(!judge_http(x, now).retry_after);
  }
}

BOOST_AUTO_TEST_CASE(reads_retry_after) {
  const std::vector<std::pair<std::string, std::optional<seconds>>> rows{
    {"0", 0s},
    {"1", 1s},
    {" 30\t", 30s},
    {"007", 7s},
    {"600", 600s},
    {"601", 600s},
    {"99999999999999999999999999", 600s},
    {"-1", 0s},
    {"-99999999999999999999999999", 0s},
    {"Sun, 22 Nov 2026 09:00:30 GMT", 30s},
    {"Sunday, 22-Nov-26 09:00:30 GMT", 30s},
    {"Sun Nov 22 09:00:30 2026", 30s},
    {"Sun, 22 Nov 2026 08:59:30 GMT", 0s},
    {"Sun, 22 Nov 1970 08:59:30 GMT", 0s},
    {"Thu, 01 Jan 0001 00:00:00 GMT", 0s},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 600s},
    {"", std::nullopt},
    {" ", std::nullopt},
    {"-", std::nullopt},
    {"--1", std::nullopt},
    {"+1", std::nullopt},
    {"1.5", 2s},
    {"0.001", 1s},
    {"2.0", 2s},
    {"2.000", 2s},
    {" 0.65 ", 1s},
    {"599.5", 600s},
    {"600.5", 600s},
    {"99999999999999999999999999.5", 600s},
    {"-0.5", 0s},
    {"1.", std::nullopt},
    {".5", std::nullopt},
    {".", std::nullopt},
    {"1.5.5", std::nullopt},
    {"1,5", std::nullopt},
    {"1. 5", std::nullopt},
    {"1.-5", std::nullopt},
    {"nan", std::nullopt},
    {"inf", std::nullopt},
    {" Sun, 22 Nov 2026 09:00:30 GMT\t", 30s},
    {"Sun, 22 Nov 2026 09:10:01 GMT", 600s},
    {"Sun, 31 Feb 2026 09:00:30 GMT", std::nullopt},
    {std::string(60'000, '9'), 600s},
    {"1e3", std::nullopt},
    {"0x10", std::nullopt},
    {"10s", std::nullopt},
    {"10, 20", std::nullopt},
    {std::string("1\0", 2), std::nullopt},
    {"Sun, 22 Nov 2026 09:00:30 CET", std::nullopt},
    {"soon", std::nullopt},
  };
  for (const auto& [header, expected] : rows) {
    const auto wait = parse_retry_after(header, now);
    BOOST_TEST((wait == expected), header);
  }
}

BOOST_AUTO_TEST_CASE(judges_publications) {
  const auto good = judge_mqtt({.acknowledged = 3, .error = {}});
  BOOST_TEST(good.what == outcome::delivered);
  BOOST_TEST(good.done == 3U);
  const auto partly =
    judge_mqtt({.acknowledged = 2, .error = "connection\nlost"});
  BOOST_TEST(partly.what == outcome::retry);
  BOOST_TEST(partly.reason == "connection lost");
  BOOST_TEST(partly.done == 2U);
  const auto refused =
    judge_mqtt({.acknowledged = 0, .error = "not authorised", .refused = true});
  BOOST_TEST(refused.what == outcome::destination_fault);
  BOOST_TEST(refused.reason == "not authorised");
  BOOST_TEST(judge_mqtt({.error = {}, .refused = true}).reason
             == "the broker refused us");
}

BOOST_AUTO_TEST_CASE(judges_writes) {
  BOOST_TEST(judge_write({}).what == outcome::delivered);
  const auto full = judge_write({.error = "No space left on device"});
  BOOST_TEST(full.what == outcome::retry);
  BOOST_TEST(full.reason == "No space left on device");
  BOOST_TEST(judge_write({.error = " "}).reason == "the write failed");
}
