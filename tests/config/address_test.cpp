#include "config/address.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <vector>

using namespace signalbox::config;

namespace data = boost::unit_test::data;

namespace {

struct good {
  std::string text;
  std::string host;
  int port;
};

std::ostream& operator<<(std::ostream& out, const good& x) {
  return out << x.text;
}

struct bad {
  std::string text;
  std::string why;
};

std::ostream& operator<<(std::ostream& out, const bad& x) {
  return out << x.text;
}

const std::vector<good> addresses{
  {"[::]:9997", "::", 9997},
  {"0.0.0.0:9997", "0.0.0.0", 9997},
  {"127.0.0.1:0", "127.0.0.1", 0},
  {"[::1]:1", "::1", 1},
  {"[2001:db8::7]:65535", "2001:db8::7", 65535},
  {"[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1", 80},
};

const std::vector<bad> bad_addresses{
  {"", "has no port"},
  {"9997", "has no port"},
  {"127.0.0.1", "has no port"},
  {"[::1]", "has no port"},
  {":9997", "has no host"},
  {"::1:9997", "needs brackets"},
  {"localhost:9997", "holds no IP address"},
  {"[127.0.0.1]:9997", "holds no IP address"},
  {"[]:9997", "holds no IP address"},
  {"[::1:9997", "needs brackets"},
  {"256.0.0.1:9997", "holds no IP address"},
  {"127.0.0.1:", "has a wrong port"},
  {"127.0.0.1:65536", "has a wrong port"},
  {"127.0.0.1:-1", "has a wrong port"},
  {"127.0.0.1:+1", "has a wrong port"},
  {"127.0.0.1:80 ", "has a wrong port"},
  {"127.0.0.1:http", "has a wrong port"},
};

const std::vector<std::string> networks{
  "10.0.0.0/8", "0.0.0.0/0", "127.0.0.1", "192.168.1.7/32", "::1",
  "fe80::/10",  "::/0",      "::1/128",   "10.1.2.3/8",
};

const std::vector<bad> bad_networks{
  {"", "is no address block"},
  {"everyone", "is no address block"},
  {"10.0.0/8", "is no address block"},
  {"/8", "is no address block"},
  {"[::1]", "is no address block"},
  {" 10.0.0.0/8", "is no address block"},
  {"10.0.0.0/", "has a wrong prefix; IPv4"},
  {"10.0.0.0/33", "has a wrong prefix; IPv4"},
  {"10.0.0.0/-1", "has a wrong prefix; IPv4"},
  {"10.0.0.0/8/8", "has a wrong prefix; IPv4"},
  {"10.0.0.0/255.0.0.0", "has a wrong prefix; IPv4"},
  {"::/129", "has a wrong prefix; IPv6"},
  {"::/99999999999", "has a wrong prefix; IPv6"},
};

} // namespace

BOOST_DATA_TEST_CASE(splits_an_address, data::make(addresses), x) {
  auto where = parse_address(x.text);
  BOOST_REQUIRE(where);
  BOOST_TEST(where->host == x.host);
  BOOST_TEST(where->port == x.port);
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_an_address,
                     data::make(bad_addresses), x) {
  auto where = parse_address(x.text);
  BOOST_REQUIRE(!where);
  BOOST_TEST(where.error().what.starts_with(x.why), where.error().what);
}

BOOST_DATA_TEST_CASE(accepts_address_blocks, data::make(networks), x) {
  BOOST_TEST(check_network(x).has_value());
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_an_address_block,
                     data::make(bad_networks), x) {
  auto good = check_network(x.text);
  BOOST_REQUIRE(!good);
  BOOST_TEST(good.error().what.starts_with(x.why), good.error().what);
}

BOOST_AUTO_TEST_CASE(tells_loopback_from_the_rest) {
  for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    BOOST_TEST(is_loopback(host), host);
  for (const auto* host : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "::2",
                           "::ffff:10.0.0.1", "localhost", ""})
    BOOST_TEST(!is_loopback(host), host);
}
