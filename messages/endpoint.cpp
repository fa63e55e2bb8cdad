#include "messages/endpoint.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace signalbox {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xff, 0xff};

} // namespace

std::string address_text(const endpoint& x) {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(),
                 x.address.begin())) {
    // By hand, for each event is written with its sender.
    std::string text;
    for (auto i = mapped_prefix.size(); i < x.address.size(); ++i) {
      if (!text.empty())
        text += '.';
      const unsigned byte = x.address[i];
      if (byte >= 100)
        text += static_cast<char>('0' + byte / 100);
      if (byte >= 10)
        text += static_cast<char>('0' + byte / 10 % 10);
      text += static_cast<char>('0' + byte % 10);
    }
    return text;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(AF_INET6, x.address.data(), text.data(), text.size())
      == nullptr)
    return {};
  return text.data();
}

} // namespace signalbox
