// Hashes for tables whose keys come from strangers.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace signalbox {

/// SipHash-2-4 under a random secret, for `std::unordered_map`: senders, who
/// prove nothing about themselves, cannot aim keys at one place of a table.
class keyed_hash {
public:
  using is_transparent = void;

  keyed_hash();

  std::size_t operator()(std::string_view key) const noexcept;

private:
  std::array<unsigned char, 16> secret_{};
};

} // namespace signalbox
