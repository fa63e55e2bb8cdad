// Memory that a process shares with the children that it forks.
#pragma once

#include "messages/failure.hpp"

#include <new>
#include <utility>

#include <sys/mman.h>

namespace signalbox::bench {

/// A `T` that this process and its children see alike; it must need no
/// destructor, and what several of them use at once must be atomic.
template <class T>
class shared {
public:
  static result<shared> make() {
    void* place = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
      return fail(errc::full, "no shared memory");
    return shared{new (place) T{}};
  }

  ~shared() {
    if (value_ != nullptr)
      ::munmap(value_, sizeof(T));
  }

  shared(shared&& other) noexcept : value_(std::exchange(other.value_, {})) {
    // nop
  }

  shared(const shared&) = delete;
  shared& operator=(const shared&) = delete;
  shared& operator=(shared&&) = delete;

  T& operator*() const {
    return *value_;
  }

  T* operator->() const {
    return value_;
  }

private:
  explicit shared(T* value) : value_(value) {
    // nop
  }

  T* value_;
};

} // namespace signalbox::bench
