// What the process holds of the machine's memory.
#pragma once

namespace signalbox::cli {

/// Gives heap back to the system that is free but not at the end of it. Takes
/// about a millisecond, in which other threads may have to wait for memory. May
/// be called from any thread.
void release_heap();

/// Lets go of the pages of the program and its libraries, most of which only
/// starting needs: the kernel keeps them in its cache, and maps what is used
/// again within microseconds. To be called once, when starting is over. May be
/// called from any thread.
void release_code();

} // namespace signalbox::cli
