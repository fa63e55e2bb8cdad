// What the process holds of the machine's memory.
#pragma once

namespace signalbox::cli {

/// Gives memory back to the system that is not needed at the moment: heap that
/// is free but not at the end of it, and the pages of programs and libraries,
/// most of which only starting needs. The kernel keeps those in its cache, and
/// maps what is used again within microseconds. Takes about a millisecond, in
/// which other threads may have to wait for memory. May be called from any
/// thread.
void release_memory();

} // namespace signalbox::cli
