#include "cli/footprint.hpp"

#include <cstddef>
#include <cstdint>
#include <link.h>
#include <malloc.h>
#include <unistd.h>

#include <sys/mman.h>

namespace signalbox::cli {

namespace {

// What is writable holds data, and stays.
int release_object(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const auto& x = object->dlpi_phdr[i];
    if (x.p_type != PT_LOAD || (x.p_flags & PF_W) != 0)
      continue;
    const auto first = (object->dlpi_addr + x.p_vaddr) / page * page;
    const auto end = object->dlpi_addr + x.p_vaddr + x.p_filesz;
    // The linker tells addresses as numbers.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    auto* at = reinterpret_cast<void*>(first);
    // A refusal costs nothing but memory.
    ::madvise(at, end - first, MADV_DONTNEED);
  }
  return 0;
}

} // namespace

void set_up_heap() {
  // NOLINTBEGIN(concurrency-mt-unsafe): there are no other threads yet.
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 8 << 20);
  // NOLINTEND(concurrency-mt-unsafe)
}

void release_heap() {
  ::malloc_trim(0);
}

void release_code() {
  ::dl_iterate_phdr(release_object, nullptr);
}

} // namespace signalbox::cli
