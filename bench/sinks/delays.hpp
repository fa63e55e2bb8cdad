// How long messages were under way.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace signalbox::bench {

/// A histogram whose classes are about 3 % wide, up to 18 minutes. One process
/// writes, others may read.
class delays {
public:
  void add(std::chrono::nanoseconds x) noexcept {
    const auto value =
      x.count() < 0 ? 0 : static_cast<std::uint64_t>(x.count());
    auto& n = counts_[class_of(value < longest ? value : longest)];
    n.store(n.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  /// Forgets all; for a reader, while nothing is added.
  void clear() noexcept {
    for (auto& x : counts_)
      x.store(0, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& x : counts_)
      sum += x.load(std::memory_order_relaxed);
    return sum;
  }

  /// The delay that a share of all messages did not exceed; 0 if there are
  /// none.
  /// @param share From 0 to 1: 0.5 is the median.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const noexcept {
    const auto rank = share * static_cast<double>(count());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      sum += counts_[i].load(std::memory_order_relaxed);
      if (sum > 0 && static_cast<double>(sum) >= rank)
        return std::chrono::nanoseconds{upper_bound_of(i)};
    }
    return {};
  }

private:
  // Like HdrHistogram: the highest six bits of a value name its class.
  static constexpr unsigned bits = 6;
  static constexpr std::uint64_t longest = (std::uint64_t{1} << 40U) - 1;
  static constexpr std::size_t classes = (40 - bits + 2) << (bits - 1);

  static std::size_t class_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const auto shift = width > bits ? width - bits : 0;
    return (static_cast<std::size_t>(shift) << (bits - 1)) + (value >> shift);
  }

  static std::int64_t upper_bound_of(std::size_t i) noexcept {
    constexpr std::size_t half = std::size_t{1} << (bits - 1);
    const auto shift = i < 2 * half ? 0 : i / half - 1;
    const auto top = i - shift * half;
    return static_cast<std::int64_t>(((top + 1) << shift) - 1);
  }

  std::array<std::atomic<std::uint64_t>, classes> counts_{};
};

} // namespace signalbox::bench
