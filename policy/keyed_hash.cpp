#include "policy/keyed_hash.hpp"

#include <cstring>

#include <sodium/crypto_shorthash_siphash24.h>
#include <sodium/randombytes.h>

namespace signalbox {

keyed_hash::keyed_hash() {
  static_assert(sizeof(secret_) == crypto_shorthash_siphash24_KEYBYTES);
  randombytes_buf(secret_.data(), secret_.size());
}

std::size_t keyed_hash::operator()(std::string_view key) const noexcept {
  std::size_t hash = 0;
  static_assert(sizeof(hash) == crypto_shorthash_siphash24_BYTES);
  crypto_shorthash_siphash24(reinterpret_cast<unsigned char*>(&hash),
                             reinterpret_cast<const unsigned char*>(key.data()),
                             key.size(), secret_.data());
  return hash;
}

} // namespace signalbox
