#include "actors/admin_access.hpp"

#include <openssl/crypto.h>

namespace signalbox {

namespace {

// Constant in time, so that a token cannot be found out byte by byte.
bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool shows_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view scheme = "Bearer ";
  return authorization.starts_with(scheme)
         && same_secret(authorization.substr(scheme.size()), token);
}

/// Without the port.
std::string_view name_in(std::string_view host) {
  if (!host.starts_with('['))
    return host.substr(0, host.find(':'));
  const auto end = host.find(']');
  return end == std::string_view::npos ? std::string_view{}
                                       : host.substr(1, end - 1);
}

/// Programs that are no browsers send neither header.
bool is_from_elsewhere(const admin_asker& x) {
  if (!x.origin.empty() && x.origin != "http://" + x.host
      && x.origin != "https://" + x.host)
    return true;
  return !x.sec_fetch_site.empty() && x.sec_fetch_site != "same-origin"
         && x.sec_fetch_site != "none";
}

} // namespace

bool is_loopback(std::string_view host) {
  return host == "::1" || host == "localhost" || host.starts_with("127.");
}

std::optional<admin_refusal> refuse(const admin_asker& x,
                                    std::string_view token) {
  if (x.open)
    return std::nullopt;
  if (!token.empty()) {
    if (shows_token(x.authorization, token))
      return std::nullopt;
    return admin_refusal{401, "a token is required: Authorization: Bearer …\n"};
  }
  if (!is_loopback(name_in(x.host)))
    return admin_refusal{421, "ask for localhost or a loopback address\n"};
  if (x.changes && is_from_elsewhere(x))
    return admin_refusal{403,
                         "a page from elsewhere may change nothing here\n"};
  return std::nullopt;
}

} // namespace signalbox
