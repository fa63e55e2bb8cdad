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

/// Has a destination show who is active, if it is to and does not yet; false
/// if that cannot be now, which the log says.
bool start_session_board(supervisor_ptr self, running_destination& x);

/// What it has shown last stays.
void end_session_board(supervisor_ptr self, running_destination& x);

/// One of these has ended by itself, and starts again in a moment; false if it
/// was somebody else.
bool restart_sessions(supervisor_ptr self, const caf::down_msg& x);

} // namespace signalbox
