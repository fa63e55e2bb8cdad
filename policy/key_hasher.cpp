#include "policy/key_hasher.hpp"

#include "policy/fold.hpp"

#include <cstring>

#include <sodium/crypto_shorthash_siphash24.h>
#include <sodium/randombytes.h>

namespace signalbox {

key_hasher::key_hasher() {
  static_assert(sizeof(secret_) == crypto_shorthash_siphash24_KEYBYTES);
  randombytes_buf(secret_.data(), secret_.size());
}

key_hash key_hasher::operator()(std::span<const key_field> fields,
                                const event& x) {
  buffer_.clear();
  for (const auto field : fields)
    append(field, x);
  key_hash result;
  static_assert(sizeof(result) == crypto_shorthash_siphash24_BYTES);
  crypto_shorthash_siphash24(
    reinterpret_cast<unsigned char*>(&result),
    reinterpret_cast<const unsigned char*>(buffer_.data()), buffer_.size(),
    secret_.data());
  return result;
}

void key_hasher::append(key_field field, const event& x) {
  switch (field) {
  case key_field::source:
    // Without the port: each of a sender's sockets has its own.
    buffer_.append(x.source.address.begin(), x.source.address.end());
    break;
  case key_field::host:
    append(x.host);
    break;
  case key_field::user:
    append_any_case(x.user_directory);
    append_any_case(x.user_id);
    break;
  case key_field::kind:
    buffer_ += static_cast<char>(x.kind);
    // Commands that have no kind of their own differ by their text.
    if (x.kind == event_kind::other)
      append(x.command);
    break;
  case key_field::app:
    append(x.app_id.empty() ? x.app_name : x.app_id);
    break;
  case key_field::origin:
    append(x.origin);
    break;
  case key_field::context:
    append(x.context);
    break;
  }
}

void key_hasher::append(std::string_view text) {
  append_length(text);
  buffer_ += text;
}

void key_hasher::append_any_case(std::string_view text) {
  append_length(text);
  append_folded(buffer_, text);
}

/// Comes before each text, so that none can shift into the next field.
void key_hasher::append_length(std::string_view text) {
  const auto length = text.size();
  std::array<char, sizeof(length)> bytes{};
  std::memcpy(bytes.data(), &length, bytes.size());
  buffer_.append(bytes.data(), bytes.size());
}

} // namespace signalbox
