#include "bench/process/shared_counter.hpp"

#include <new>
#include <utility>

#include <sys/mman.h>

namespace signalbox::bench {

result<shared_counter> shared_counter::make() {
  void* room = ::mmap(nullptr, sizeof(number), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED)
    return fail(errc::file, "no shared memory");
  return shared_counter{new (room) number{0}};
}

shared_counter::shared_counter(shared_counter&& other) noexcept
  : value_(std::exchange(other.value_, nullptr)) {
  // nop
}

shared_counter::~shared_counter() {
  if (value_ != nullptr)
    ::munmap(value_, sizeof(number));
}

} // namespace signalbox::bench
