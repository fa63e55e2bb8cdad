// Certificates that live as long as a test, made by the openssl program.
#pragma once

#include "tests/net/child_process.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace signalbox::test {

/// Two authorities that do not know each other, a server's certificate for
/// localhost and 127.0.0.1, one for another name, and a client's.
class certificates {
public:
  certificates() {
    authority("ca");
    authority("other-ca");
    signed_by_ca("server", "DNS:localhost,IP:127.0.0.1");
    signed_by_ca("elsewhere", "DNS:elsewhere.example");
    signed_by_ca("client", "DNS:client.example");
  }

  /// The path of "<name>.pem".
  [[nodiscard]] std::string cert(const std::string& name) const {
    return directory_ / (name + ".pem");
  }

  /// The path of "<name>.key".
  [[nodiscard]] std::string key(const std::string& name) const {
    return directory_ / (name + ".key");
  }

  /// The pin of that certificate's key, as the curl manual makes one.
  [[nodiscard]] std::string pin(const std::string& name) const {
    const auto out = directory_ / (name + ".pin");
    run({"sh", "-c",
         "openssl x509 -in \"$0\" -pubkey -noout | openssl pkey -pubin "
         "-outform der | openssl dgst -sha256 -binary | openssl base64 -A > "
         "\"$1\"",
         cert(name), out});
    std::string text;
    std::ifstream{out} >> text;
    return "sha256//" + text;
  }

private:
  static void run(const std::vector<std::string>& command) {
    if (child_process{command}.wait() != 0)
      throw std::runtime_error("openssl failed");
  }

  void make_key(const std::string& name) const {
    run({"openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
         "-out", key(name)});
  }

  void authority(const std::string& name) const {
    make_key(name);
    run({"openssl", "req", "-x509", "-new", "-key", key(name), "-out",
         cert(name), "-days", "2", "-subj", "/CN=" + name});
  }

  void signed_by_ca(const std::string& name, const std::string& names) const {
    make_key(name);
    const auto request = directory_ / (name + ".csr");
    const auto extensions =
      directory_.write(name + ".ext", "subjectAltName=" + names + "\n");
    run({"openssl", "req", "-new", "-key", key(name), "-out", request, "-subj",
         "/CN=" + name});
    run({"openssl", "x509", "-req", "-in", request, "-CA", cert("ca"), "-CAkey",
         key("ca"), "-CAcreateserial", "-out", cert(name), "-days", "2",
         "-extfile", extensions});
  }

  temporary_directory directory_;
};

} // namespace signalbox::test
