// Events told apart by some of their fields.
#pragma once

#include "messages/event.hpp"
#include "policy/admission.hpp"
#include "policy/recent_keys.hpp"

#include <array>
#include <span>
#include <string>

namespace signalbox {

/// Turns the fields that a rule tells apart into one hash: SipHash-2-4 under a
/// random secret. Senders, who prove nothing about themselves, can
/// therefore neither aim two keys at one hash nor at one place in a table; and
/// by chance an event's key shares its hash with one of a million others once
/// in 10¹³ times, so that the key itself need not be kept. Users count in any
/// case. Allocates only until its buffer has grown. Not thread-safe.
class key_hasher {
public:
  key_hasher();

  key_hash operator()(std::span<const key_field> fields, const event& x);

private:
  void append(key_field field, const event& x);
  void append(std::string_view text);
  void append_any_case(std::string_view text);
  void append_length(std::string_view text);

  std::array<unsigned char, 16> secret_{};
  std::string buffer_;
};

} // namespace signalbox
