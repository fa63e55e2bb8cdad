// DNS messages for tests, written byte by byte (RFC 1035, section 4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::test {

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_ptr = 12;
inline constexpr std::uint16_t type_txt = 16;
inline constexpr std::uint16_t type_aaaa = 28;
inline constexpr std::uint16_t type_srv = 33;

using labels = std::vector<std::string>;

inline std::string u16(unsigned x) {
  return {static_cast<char>(x >> 8U), static_cast<char>(x)};
}

/// Each behind its length.
inline std::string strings(const labels& xs) {
  std::string out;
  for (const auto& x : xs)
    out += static_cast<char>(x.size()) + x;
  return out;
}

inline std::string name(const labels& xs) {
  return strings(xs) + '\0';
}

inline std::string record(const labels& owner, std::uint16_t type,
                          const std::string& data, std::uint8_t ttl = 10) {
  return name(owner) + u16(type) + u16(1) + std::string(3, '\0')
         + static_cast<char>(ttl) + u16(static_cast<unsigned>(data.size()))
         + data;
}

inline std::string ptr(const labels& owner, const labels& target) {
  return record(owner, type_ptr, name(target));
}

inline std::string srv(const labels& owner, unsigned port, const labels& host) {
  return record(owner, type_srv, u16(0) + u16(0) + u16(port) + name(host));
}

inline std::string txt(const labels& owner, const labels& items) {
  return record(owner, type_txt, strings(items));
}

/// A response with these answers.
inline std::string response(std::uint16_t id,
                            const std::vector<std::string>& answers,
                            unsigned flags = 0x8400) {
  auto out = u16(id) + u16(flags) + u16(0)
             + u16(static_cast<unsigned>(answers.size())) + u16(0) + u16(0);
  for (const auto& x : answers)
    out += x;
  return out;
}

} // namespace signalbox::test
