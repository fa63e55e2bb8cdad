#include "messages/endpoint.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace signalbox {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xff, 0xff};

} // namespace

std::string address_text(const endpoint& x) {
  const bool is_v4 =
    std::equal(mapped_prefix.begin(), mapped_prefix.end(), x.address.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
    is_v4 ? x.address.data() + mapped_prefix.size() : x.address.data();
  if (inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size())
      == nullptr)
    return {};
  return text.data();
}

} // namespace signalbox
