#include "policy/fold.hpp"

#include <array>
#include <cstdint>

namespace signalbox {

namespace {

/// Upper-case letters `first`, `first + step`, …, `last`; the lower-case one
/// is `delta` further on.
struct letters {
  int first;
  int last;
  int step;
  int delta;
};

/// From CaseFolding.txt of the Unicode Character Database, status C, as far as
/// letter and folded letter both take two bytes in UTF-8.
constexpr std::array alphabet{
  letters{0xC0, 0xD6, 1, 32},     letters{0xD8, 0xDE, 1, 32},
  letters{0x100, 0x12E, 2, 1},    letters{0x132, 0x136, 2, 1},
  letters{0x139, 0x147, 2, 1},    letters{0x14A, 0x176, 2, 1},
  letters{0x178, 0x178, 1, -121}, letters{0x179, 0x17D, 2, 1},
  letters{0x386, 0x386, 1, 38},   letters{0x388, 0x38A, 1, 37},
  letters{0x38C, 0x38C, 1, 64},   letters{0x38E, 0x38F, 1, 63},
  letters{0x391, 0x3A1, 1, 32},   letters{0x3A3, 0x3AB, 1, 32},
  letters{0x3C2, 0x3C2, 1, 1},    letters{0x400, 0x40F, 1, 80},
  letters{0x410, 0x42F, 1, 32},   letters{0x460, 0x480, 2, 1},
  letters{0x48A, 0x4BE, 2, 1},
};

constexpr int fold_letter(int code) {
  for (const auto& row : alphabet)
    if (code >= row.first && code <= row.last
        && (code - row.first) % row.step == 0)
      return code + row.delta;
  return code;
}

constexpr bool is_continuation(std::uint8_t byte) {
  return (byte & 0xC0) == 0x80;
}

} // namespace

void append_folded(std::string& out, std::string_view text) {
  const auto begin = out.size();
  out += text;
  // Nearly all names are ASCII. Without a branch inside, which is what
  // compilers vectorise.
  std::uint8_t all = 0;
  for (auto* c = out.data() + begin; c != out.data() + out.size(); ++c) {
    const auto byte = static_cast<std::uint8_t>(*c);
    const bool is_upper = static_cast<std::uint8_t>(byte - 'A') < 26;
    all |= byte;
    *c = static_cast<char>(is_upper ? byte + ('a' - 'A') : byte);
  }
  if (all < 0x80)
    return;
  for (auto i = begin; i < out.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(out[i]);
    if (byte >= 0xC3 && byte <= 0xD2 && i + 1 < out.size()) {
      // The lead bytes of the alphabets above: U+00C0 to U+04BF.
      const auto next = static_cast<std::uint8_t>(out[i + 1]);
      if (!is_continuation(next))
        continue;
      const auto code = fold_letter((byte & 0x1F) << 6 | (next & 0x3F));
      out[i] = static_cast<char>(0xC0 | code >> 6);
      out[++i] = static_cast<char>(0x80 | (code & 0x3F));
    }
  }
}

std::string folded(std::string_view text) {
  std::string result;
  append_folded(result, text);
  return result;
}

} // namespace signalbox
