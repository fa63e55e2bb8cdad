#include "web/page.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace signalbox;

namespace {

namespace data = boost::unit_test::data;

/// What stands between the only `begin` and the `end` after it.
std::string_view between(std::string_view text, std::string_view begin,
                         std::string_view end) {
  auto from = text.find(begin);
  BOOST_REQUIRE(from != std::string_view::npos);
  BOOST_REQUIRE(text.find(begin, from + 1) == std::string_view::npos);
  from += begin.size();
  return text.substr(from, text.find(end, from) - from);
}

std::string sha256_source(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(),
             nullptr);
  std::array<unsigned char, 64> base64{}; // 44 and a NUL are used
  auto length =
    EVP_EncodeBlock(base64.data(), hash.data(), static_cast<int>(size));
  return "'sha256-" + std::string(base64.begin(), base64.begin() + length)
         + "'";
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

const std::vector<const char*> required{
  "default-src 'none'", "connect-src 'self'",
  "base-uri 'none'",    "frame-ancestors 'none'",
  "form-action 'none'", "require-trusted-types-for 'script'",
};

// Each would break the policy, or could turn a value into markup.
const std::vector<const char*> forbidden{
  "innerHTML",      "outerHTML", "insertAdjacentHTML",
  "document.write", "eval(",     "onclick=",
  " style=",        "src=\"",    "@import",
  "href=\"http",
};

} // namespace

BOOST_AUTO_TEST_CASE(the_policy_allows_the_page_its_own_style) {
  auto style = between(web::page(), "<style>", "</style>");
  BOOST_TEST(contains(web::content_security_policy(),
                      "style-src " + sha256_source(style) + ";"));
}

BOOST_AUTO_TEST_CASE(the_policy_allows_the_page_its_own_script) {
  auto script = between(web::page(), "<script type=\"module\">", "</script>");
  BOOST_TEST(contains(web::content_security_policy(),
                      "script-src " + sha256_source(script) + ";"));
}

BOOST_DATA_TEST_CASE(the_policy_is_strict, data::make(required), directive) {
  BOOST_TEST(contains(web::content_security_policy(), directive));
}

BOOST_AUTO_TEST_CASE(the_policy_has_no_unsafe_word) {
  BOOST_TEST(!contains(web::content_security_policy(), "unsafe"));
}

BOOST_DATA_TEST_CASE(the_page_keeps_to_text, data::make(forbidden), words) {
  BOOST_TEST(!contains(web::page(), words));
}
