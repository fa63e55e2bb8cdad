#include "lights/hue/key.hpp"

#include <algorithm>

namespace signalbox::lights::hue {

bool is_key(std::string_view x) {
  constexpr std::size_t longest = 128;
  constexpr std::string_view others = "-._~";
  return !x.empty() && x.size() <= longest
         && std::ranges::all_of(x, [others](char c) {
              return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                     || (c >= 'a' && c <= 'z') || others.find(c) != others.npos;
            });
}

void hide_key(std::string& text, std::string_view key) {
  constexpr std::string_view instead = "(key)";
  for (auto at = text.find(key); !key.empty() && at != std::string::npos;
       at = text.find(key, at + instead.size()))
    text.replace(at, key.size(), instead);
}

} // namespace signalbox::lights::hue
