// Memory for tables that are looked up at random.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace signalbox {

/// An allocator whose memory begins with a cache line, and lies in huge pages
/// where it is large and the kernel gives them (transparent_hugepage "madvise"
/// or "always"): in pages of 4 KiB each look into a large table also misses the
/// processor's cache of addresses.
template <class T>
struct large_pages {
  using value_type = T;

  static constexpr std::size_t cache_line = 64;
  static constexpr std::size_t huge_page = std::size_t{2} << 20; // x86-64, arm

  large_pages() = default;

  template <class U>
  explicit large_pages(const large_pages<U>&) noexcept {
    // nop
  }

  T* allocate(std::size_t n) {
    const auto bytes = n * sizeof(T);
    const auto unit = bytes < huge_page ? cache_line : huge_page;
    const auto whole = (bytes + unit - 1) / unit * unit;
    void* place = std::aligned_alloc(unit, whole);
    if (place == nullptr)
      throw std::bad_alloc{};
    // Without huge pages it is only slower.
    if (unit == huge_page)
      ::madvise(place, whole, MADV_HUGEPAGE);
    return static_cast<T*>(place);
  }

  void deallocate(T* place, std::size_t) noexcept {
    std::free(place);
  }

  bool operator==(const large_pages&) const = default;
};

} // namespace signalbox
