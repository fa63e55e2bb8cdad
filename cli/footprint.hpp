// What the process holds of the machine's memory.
#pragma once

namespace signalbox::cli {

/// Has all threads allocate from one heap: each would have one of its own, with
/// room for what it needed once, and what is allocated for a batch is seldom
/// enough that hardly anybody waits. And keeps a few MiB that are free: the
/// next request needs pages as the last one did. To be called before there are
/// other threads.
void set_up_heap();

/// Gives heap back to the system that is free but not at the end of it. Takes
/// about a millisecond, in which other threads may have to wait for memory. May
/// be called from any thread.
void release_heap();

/// Lets go of the pages of the program and its libraries, most of which only
/// starting, or a load, needs: the kernel keeps them in its cache, and maps
/// what is used again within microseconds. May be called from any thread.
void release_code();

} // namespace signalbox::cli
