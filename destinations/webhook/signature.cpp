#include "destinations/webhook/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

namespace signalbox::webhook {

std::string signature(std::string_view key, std::string_view body) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes,
           body.size(), digest.data(), &size)
      == nullptr)
    return {};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "sha256=";
  for (auto x : std::span{digest}.first(size)) {
    text += digits[x >> 4U];
    text += digits[x & 0xFU];
  }
  return text;
}

} // namespace signalbox::webhook
