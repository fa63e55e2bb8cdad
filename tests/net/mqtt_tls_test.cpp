#include "tests/net/certificates.hpp"
#include "tests/net/mqtt_broker.hpp"
#include "tests/net/mqtt_fixture.hpp"

using namespace signalbox;
using namespace signalbox::test;

namespace {

const certificates& keys() {
  static const certificates x;
  return x;
}

mqtt_broker tls_broker(const std::string& certificate,
                       const std::string& more = {}) {
  return mqtt_broker{"allow_anonymous true\ncertfile "
                     + keys().cert(certificate) + "\nkeyfile "
                     + keys().key(certificate) + "\n" + more};
}

net::mqtt_options trusting(const std::string& authority,
                           const mqtt_broker& broker) {
  auto x = to_broker(broker.port());
  x.host = "localhost";
  x.tls.emplace().ca = keys().cert(authority);
  return x;
}

} // namespace

BOOST_AUTO_TEST_SUITE(an_mqtt_client_over_tls)

BOOST_AUTO_TEST_CASE(publishes_to_a_broker_that_it_trusts) {
  const auto broker = tls_broker("server");
  for (const auto qos : {0, 1, 2}) {
    const auto client = must_start(trusting("ca", broker));
    const auto answer = ask(*client, messages(qos, 0, 500));
    BOOST_TEST(answer.error == "");
    BOOST_TEST(answer.acknowledged == 500U);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_broker_that_nobody_vouches_for) {
  const auto broker = tls_broker("server");
  auto by_system = trusting("ca", broker);
  by_system.tls->ca.clear();
  for (const auto& options : {trusting("other-ca", broker), by_system}) {
    const auto answer = ask(*must_start(options), messages(1, 0, 1));
    BOOST_TEST(answer.error
               == "mqtts://localhost:" + std::to_string(broker.port())
                    + ": TLS failed (certificate verify failed)");
    BOOST_TEST(answer.acknowledged == 0U);
    BOOST_TEST(!answer.refused);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_broker_of_another_name) {
  const auto broker = tls_broker("elsewhere");
  BOOST_TEST(tells(probe(*must_start(trusting("ca", broker))), "TLS failed"));
}

BOOST_AUTO_TEST_CASE(takes_any_broker_when_told_so) {
  const auto broker = tls_broker("elsewhere");
  auto options = trusting("other-ca", broker);
  options.tls->verify = false;
  BOOST_TEST(probe(*must_start(options)).error == "");
}

BOOST_AUTO_TEST_CASE(shows_its_own_certificate) {
  const auto broker = tls_broker("server", "require_certificate true\ncafile "
                                             + keys().cert("ca") + "\n");
  auto options = trusting("ca", broker);
  BOOST_TEST(probe(*must_start(options)).error != "");
  options.tls->cert = keys().cert("client");
  options.tls->key = keys().key("client");
  BOOST_TEST(probe(*must_start(options)).error == "");
}

BOOST_AUTO_TEST_CASE(does_not_start_with_files_that_can_never_work) {
  const auto no_file = [](auto change) {
    auto options = to_broker(8883);
    change(options.tls.emplace());
    const auto client = net::mqtt_client::start(options);
    BOOST_REQUIRE(!client.has_value());
    return client.error();
  };
  const auto no_ca = no_file([](auto& x) { x.ca = "/nowhere/ca.pem"; });
  BOOST_TEST((no_ca.kind == errc::file));
  BOOST_TEST(no_ca.what
             == "cannot read the CA file '/nowhere/ca.pem'; check its name and "
                "permissions");
  const auto half = no_file([](auto& x) { x.cert = keys().cert("client"); });
  BOOST_TEST((half.kind == errc::bad_config));
}

BOOST_AUTO_TEST_CASE(a_plain_broker_is_not_taken_for_a_tls_one) {
  const mqtt_broker broker;
  BOOST_TEST(probe(*must_start(trusting("ca", broker))).error != "");
}

BOOST_AUTO_TEST_SUITE_END()
