#include "tests/net/certificates.hpp"
#include "tests/net/http_fixture.hpp"

#include <optional>

using namespace signalbox;
using namespace signalbox::test;

namespace {

/// OpenSSL's own little web server.
class tls_peer {
public:
  /// @param folder Where it runs; with "-HTTP" its files are whole answers.
  explicit tls_peer(const std::string& certificate,
                    std::vector<std::string> more = {},
                    const std::string& folder = ".")
    : port_(free_port()) {
    std::vector<std::string> command{
      "sh",
      "-c",
      "cd \"$0\" && exec \"$@\"",
      folder,
      "openssl",
      "s_server",
      "-www",
      "-quiet",
      "-accept",
      "127.0.0.1:" + std::to_string(port_),
      "-cert",
      keys().cert(certificate),
      "-key",
      keys().key(certificate),
    };
    command.insert(command.end(), more.begin(), more.end());
    process_.emplace(command);
    BOOST_REQUIRE(wait_until_listening(port_));
  }

  static const certificates& keys() {
    static const certificates x;
    return x;
  }

  /// A request that trusts our authority.
  [[nodiscard]] http_request request() const {
    auto x = http_fixture::post("https://localhost:" + std::to_string(port_)
                                + "/s3cret");
    x.method = "GET";
    x.tls.ca = keys().cert("ca");
    return x;
  }

  [[nodiscard]] std::string origin() const {
    return "https://localhost:" + std::to_string(port_);
  }

private:
  std::uint16_t port_;
  std::optional<child_process> process_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(an_http_client_over_tls, http_fixture)

BOOST_AUTO_TEST_CASE(trusts_the_given_authority) {
  const tls_peer peer{"server"};
  const auto answer = ask(peer.request());
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.status == 200);
}

BOOST_AUTO_TEST_CASE(probes_as_far_as_the_certificate) {
  const tls_peer peer{"server"};
  auto probe = peer.request();
  probe.connect_only = true;
  BOOST_TEST(ask(probe).error == "");
  probe.tls.ca = tls_peer::keys().cert("other-ca");
  BOOST_TEST(ask(probe).error != "");
}

BOOST_AUTO_TEST_CASE(refuses_a_certificate_that_nobody_vouches_for) {
  const tls_peer peer{"server"};
  for (const auto& ca : {std::string{}, tls_peer::keys().cert("other-ca")}) {
    auto request = peer.request();
    request.tls.ca = ca;
    const auto answer = ask(request);
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(answer.error.starts_with(
                 peer.origin() + ": the server's certificate is not trusted ("),
               answer.error);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_certificate_for_another_name) {
  const tls_peer peer{"elsewhere"};
  BOOST_TEST(ask(peer.request()).error
             == peer.origin()
                  + ": the server's certificate is for another name");
}

BOOST_AUTO_TEST_CASE(takes_any_certificate_when_told_so) {
  const tls_peer peer{"elsewhere"};
  auto request = peer.request();
  request.tls = {};
  request.tls.verify = false;
  BOOST_TEST(ask(request).status == 200);
}

BOOST_AUTO_TEST_CASE(does_not_reuse_a_connection_with_weaker_checks) {
  const tls_peer peer{"elsewhere"};
  auto weak = peer.request();
  weak.tls.verify = false;
  BOOST_TEST(ask(weak).status == 200);
  BOOST_TEST(ask(peer.request()).status == 0);
}

BOOST_AUTO_TEST_CASE(takes_the_pinned_key_whoever_vouches_for_it) {
  const tls_peer peer{"elsewhere"};
  auto request = peer.request();
  request.tls.ca.clear();
  request.tls.pin = tls_peer::keys().pin("elsewhere");
  const auto answer = ask(request);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.status == 200);
}

BOOST_AUTO_TEST_CASE(sends_nothing_to_another_key_than_the_pinned_one) {
  const tls_peer peer{"server"};
  auto request = peer.request();
  request.tls.pin = tls_peer::keys().pin("elsewhere");
  for (const auto& ca : {std::string{}, tls_peer::keys().cert("ca")}) {
    request.tls.ca = ca;
    const auto answer = ask(request);
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(answer.error
               == peer.origin()
                    + ": the server's key is not the pinned one, so nothing "
                      "was sent to it");
  }
}

BOOST_AUTO_TEST_CASE(checks_the_certificate_beside_the_pin_if_it_has_a_ca) {
  const tls_peer peer{"elsewhere"};
  auto request = peer.request();
  request.tls.pin = tls_peer::keys().pin("elsewhere");
  BOOST_TEST(ask(request).error
             == peer.origin()
                  + ": the server's certificate is for another name");
}

BOOST_AUTO_TEST_CASE(looks_for_a_name_at_an_address) {
  const tls_peer peer{"elsewhere"};
  auto request = peer.request();
  const auto port = peer.origin().substr(peer.origin().rfind(':'));
  request.url = "https://elsewhere.example:443/s3cret";
  request.connect_to = "127.0.0.1" + port;
  const auto answer = ask(request);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.status == 200);
  // The name that is asked for is the one that the certificate must have.
  request.url = "https://another.example:443/s3cret";
  BOOST_TEST(ask(request).error
             == "https://another.example:443 at 127.0.0.1" + port
                  + ": the server's certificate is for another name");
}

BOOST_AUTO_TEST_CASE(tells_the_pin_of_a_server_that_nobody_knows_yet) {
  const tls_peer peer{"elsewhere"};
  auto request = peer.request();
  request.connect_only = true;
  request.tls = {};
  request.tls.verify = false;
  const auto answer = ask(request);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.pin == tls_peer::keys().pin("elsewhere"));
}

BOOST_AUTO_TEST_CASE(shows_its_own_certificate) {
  const auto& keys = tls_peer::keys();
  const tls_peer peer{
    "server",
    {"-Verify", "1", "-verify_return_error", "-CAfile", keys.cert("ca")}};
  auto request = peer.request();
  BOOST_TEST(ask(request).status == 0);
  request.tls.cert = keys.cert("client");
  request.tls.key = keys.key("client");
  const auto answer = ask(request);
  BOOST_TEST(answer.error == "");
  BOOST_TEST(answer.status == 200);
}

BOOST_AUTO_TEST_CASE(follows_a_redirect_but_never_to_plain_http) {
  const temporary_directory answers;
  const tls_peer peer{"server", {"-HTTP"}, answers / ""};
  const auto redirect = [&](const std::string& location) {
    answers.write("s3cret", "HTTP/1.1 308 Moved\r\nConnection: close\r\n"
                            "Location: "
                              + location + "\r\n\r\n");
  };
  answers.write("new", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok");
  auto request = peer.request();
  request.follow_redirect = true;
  for (const auto& location : {std::string{"/new"}, peer.origin() + "/new"}) {
    redirect(location);
    const auto answer = ask(request);
    BOOST_TEST(answer.status == 200, answer.error);
    BOOST_TEST(answer.body == "ok");
  }
  const auto plain = "http" + peer.origin().substr(5);
  redirect(plain + "/new");
  const auto answer = ask(request);
  BOOST_TEST(answer.status == 308);
  BOOST_TEST(answer.error
             == "the redirect is not followed, for it leads to " + plain
                  + ", away from " + peer.origin());
}

BOOST_AUTO_TEST_CASE(tells_which_file_is_wrong) {
  const tls_peer peer{"server"};
  auto no_ca = peer.request();
  no_ca.tls.ca = tls_peer::keys().cert("nowhere");
  BOOST_TEST(ask(no_ca).error
             == peer.origin()
                  + ": the CA file cannot be read or holds no certificate");
  auto no_key = peer.request();
  no_key.tls.cert = tls_peer::keys().cert("client");
  no_key.tls.key = tls_peer::keys().key("server");
  const auto answer = ask(no_key);
  BOOST_TEST(answer.error.find("certificate or key") != std::string::npos,
             answer.error);
}

BOOST_AUTO_TEST_SUITE_END()
