#include "lights/answers.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;

namespace {

http_answer answer(int status, std::string retry_after = {}) {
  http_answer x;
  x.status = status;
  x.body = "s3cret";
  x.retry_after = std::move(retry_after);
  return x;
}

verdict judged(int status, std::string retry_after = {}) {
  return judge_answer(answer(status, std::move(retry_after)), {});
}

} // namespace

BOOST_AUTO_TEST_CASE(only_who_we_are_is_the_owners_fault) {
  for (const auto status : {401, 403, 407}) {
    BOOST_TEST((judged(status).what == outcome::destination_fault), status);
    BOOST_TEST(!judged(status).retry_after.has_value());
  }
}

BOOST_AUTO_TEST_CASE(whoever_is_busy_is_spared) {
  for (const auto status : {429, 503}) {
    BOOST_TEST((judged(status).what == outcome::slow_down), status);
    BOOST_TEST(!judged(status).retry_after.has_value());
    BOOST_TEST((judged(status, "7").retry_after == 7s));
  }
}

BOOST_AUTO_TEST_CASE(what_else_is_refused_is_asked_again_in_half_a_minute) {
  for (const auto status : {302, 400, 404, 405, 408, 409, 410, 413, 422, 425}) {
    BOOST_TEST((judged(status).what == outcome::retry), status);
    BOOST_TEST((judged(status).retry_after == 30s), status);
    BOOST_TEST((judged(status, "90").retry_after == 90s), status);
  }
}

BOOST_AUTO_TEST_CASE(a_lamp_that_fails_is_asked_again_as_soon_as_it_may) {
  for (const auto status : {0, 500, 502, 504}) {
    BOOST_TEST((judged(status).what == outcome::retry), status);
    BOOST_TEST(!judged(status).retry_after.has_value());
  }
  BOOST_TEST((judged(502, "7").retry_after == 7s));
}

BOOST_AUTO_TEST_CASE(any_2xx_is_success) {
  for (const auto status : {200, 204})
    BOOST_TEST((judged(status).what == outcome::delivered), status);
}

BOOST_AUTO_TEST_CASE(an_answers_body_is_never_quoted) {
  for (const auto status : {302, 400, 401, 404, 413, 429, 500, 503})
    BOOST_TEST(judged(status).reason.find("s3cret") == std::string::npos);
  BOOST_TEST(judged(404).reason == "HTTP 404");
}

BOOST_AUTO_TEST_CASE(a_refusal_may_be_due_to_an_old_secret) {
  for (const auto status : {302, 400, 401, 403, 404, 407, 410})
    BOOST_TEST(is_refusal(answer(status)), status);
  for (const auto status : {0, 200, 408, 425, 429, 500, 503})
    BOOST_TEST(!is_refusal(answer(status)), status);
}
