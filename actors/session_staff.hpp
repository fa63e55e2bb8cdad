// Whom the supervisor hires to know, and to tell, who is active now.
#pragma once

#include "actors/supervisor.hpp"

#include <functional>

namespace signalbox {

/// Has them counted from their snapshot on; also after a failure.
/// @param then Is called when no event can be missed any more.
void start_sessions(supervisor_ptr self, const std::function<void()>& then);

/// Has them kept as they are after the last event, within a moment.
void close_sessions(supervisor_ptr self, const std::function<void()>& then);

/// They have ended by themselves; false if it was somebody else.
bool restart_sessions(supervisor_ptr self, const caf::down_msg& x);

} // namespace signalbox
