#include "net/cidr.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

#include <arpa/inet.h>

using namespace signalbox;
using net::cidr;

namespace {

/// An endpoint as a socket of both families reports it.
endpoint from(const std::string& address) {
  endpoint x;
  const auto mapped =
    address.find(':') == std::string::npos ? "::ffff:" + address : address;
  BOOST_REQUIRE(inet_pton(AF_INET6, mapped.c_str(), x.address.data()) == 1);
  return x;
}

struct row {
  std::string_view block;
  std::string address;
  bool inside;
};

std::ostream& operator<<(std::ostream& out, const row& x) {
  return out << x.block << " and " << x.address;
}

const std::vector<row> memberships{
  {"10.0.0.0/8", "10.0.0.0", true},
  {"10.0.0.0/8", "10.255.255.255", true},
  {"10.0.0.0/8", "11.0.0.0", false},
  {"192.168.4.0/22", "192.168.7.255", true},
  {"192.168.4.0/22", "192.168.8.0", false},
  {"127.0.0.1", "127.0.0.1", true},
  {"127.0.0.1", "127.0.0.2", false},
  {"192.0.2.7/32", "192.0.2.7", true},
  {"0.0.0.0/0", "203.0.113.9", true},
  {"0.0.0.0/0", "::1", false},
  {"0.0.0.0/0", "2001:db8::1", false},
  {"::1", "::1", true},
  {"::1", "::2", false},
  {"fe80::/10", "fe80::1", true},
  {"fe80::/10", "febf:ffff::1", true},
  {"fe80::/10", "fec0::1", false},
  {"2001:db8::/127", "2001:db8::1", true},
  {"2001:db8::/127", "2001:db8::2", false},
  {"::/0", "2001:db8::1", true},
  {"::/0", "::1", true},
  {"::/0", "10.0.0.1", false},
  {"::ffff:10.0.0.0/104", "10.1.2.3", true},
  {"::ffff:10.0.0.0/104", "11.1.2.3", false},
};

struct bad_row {
  std::string_view text;
  std::string_view told; ///< A part of the error.
};

std::ostream& operator<<(std::ostream& out, const bad_row& x) {
  return out << "'" << x.text << "'";
}

const std::vector<bad_row> refusals{
  {"", "not an address block"},
  {"everyone", "not an address block"},
  {"10.0.0", "not an address block"},
  {"10.0.0.256", "not an address block"},
  {"10.0.0.0 /8", "not an address block"},
  {"fe80::1%eth0", "not an address block"},
  {std::string_view{"10.0.0.1\0/8", 11}, "not an address block"},
  {"10.0.0.0/", "from 0 to 32"},
  {"10.0.0.0/33", "from 0 to 32"},
  {"10.0.0.0/-1", "from 0 to 32"},
  {"10.0.0.0/8x", "from 0 to 32"},
  {"10.0.0.0/99999999999999999999", "from 0 to 32"},
  {"::1/129", "from 0 to 128"},
  {"10.0.0.1/8", "write 10.0.0.0/8"},
  {"10.0.0.1/0", "write 0.0.0.0/0"},
  {"fe80::1/10", "write fe80::/10"},
};

} // namespace

BOOST_AUTO_TEST_CASE(holds_the_addresses_of_its_block_only) {
  for (const auto& x : memberships)
    BOOST_TEST_CONTEXT(x) {
      const auto block = cidr::parse(x.block);
      BOOST_REQUIRE(block.has_value());
      BOOST_TEST(block->contains(from(x.address)) == x.inside);
    }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_block) {
  for (const auto& x : refusals)
    BOOST_TEST_CONTEXT(x) {
      const auto block = cidr::parse(x.text);
      BOOST_REQUIRE(!block.has_value());
      BOOST_TEST(block.error().what.find(x.told) != std::string::npos,
                 block.error().what);
    }
}
