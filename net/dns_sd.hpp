// Services on the local network, by multicast DNS (RFC 6762) and DNS-based
// service discovery (RFC 6763). The DNS messages are read by libresolv.
#pragma once

#include "net/inquiry.hpp"

#include <map>
#include <set>

namespace signalbox::net {

/// One service as its owner announces it. Every text is a stranger's: any
/// bytes, to be checked before they are used or shown.
struct service_instance {
  std::string type; ///< One of those that were asked for: "_hue._tcp".
  std::string name; ///< "Philips Hue - 1A2B3C"; up to 63 bytes.
  std::string host; ///< "hue-1a2b3c.local", as libresolv escapes it.
  std::uint16_t port = 0;
  std::vector<endpoint> addresses; ///< In the order of their arrival.
  /// Keys in lower case; a key without a value has an empty one.
  std::map<std::string, std::string> txt;
};

/// One record of an answer, as far as service discovery needs it. Names are in
/// the wire's form, uncompressed and in lower case, so that they compare.
struct dns_record {
  std::string owner;
  std::uint16_t type = 0; ///< As IANA numbers them: 12 PTR, 33 SRV, ...
  std::uint32_t ttl = 0;  ///< Seconds; 0 takes the record back.
  std::string target;     ///< Of PTR and SRV.
  std::string label;      ///< Of PTR: the first label as it was sent.
  std::uint16_t port = 0; ///< Of SRV.
  std::string data;       ///< Of TXT, A and AAAA: the bytes.
};

struct dns_answer {
  std::uint16_t id = 0;
  std::vector<dns_record> records; ///< PTR, SRV, TXT, A, AAAA; class IN.
};

/// Reads one DNS response: answers and additional records. Whatever is not a
/// whole and successful response is malformed.
result<dns_answer> parse_dns_answer(std::string_view message);

/// Asks for services by type, then for what the answers left out, and puts
/// together what comes. Sends from a port other than 5353, so that the answers
/// are unicast (RFC 6762, section 6.7) and nothing is in a responder's way.
/// Keeps 256 services, and 8 addresses and 64 TXT keys of each, at most.
class service_browser final : public inquiry {
public:
  /// @param types "_hue._tcp"
  /// @param id Of the queries: answers bear it, or 0 as multicast ones do.
  service_browser(std::span<const std::string_view> types, std::uint16_t id);

  [[nodiscard]] audience to() const override;

  std::vector<std::string> questions(unsigned round) override;

  void hear(const endpoint& from, std::string_view message) override;

  /// All that are known with a host, a port and an address, by name.
  [[nodiscard]] std::vector<service_instance> instances() const;

private:
  struct service {
    std::string type;
    std::string name;
    std::string host; ///< In the wire's form; empty: no SRV yet.
    std::uint16_t port = 0;
    std::map<std::string, std::string> txt;
    bool has_txt = false;
  };

  void learn_service(const dns_record& x);
  void learn_details(const dns_record& x);
  void learn_address(const dns_record& x);
  [[nodiscard]] std::string query(const std::string& name,
                                  std::uint16_t type) const;

  std::map<std::string, std::string> types_; ///< By name in the wire's form.
  std::uint16_t id_;
  std::map<std::string, service> services_; ///< By name in the wire's form.
  std::map<std::string, std::vector<endpoint>> hosts_; ///< Of SRV records.
};

} // namespace signalbox::net
