// Every typed actor interface: read this file and you have read the
// architecture. Batches flow from top to bottom; nothing calls back up.
#pragma once

#include "messages/datagram_batch.hpp"
#include "messages/dead_letter.hpp"
#include "messages/delivery.hpp"
#include "messages/event_batch.hpp"
#include "messages/log.hpp"
#include "messages/status.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox {

namespace atoms {

using advance = caf::atom_constant<caf::atom("advance")>;
using answered = caf::atom_constant<caf::atom("answered")>;
using attach = caf::atom_constant<caf::atom("attach")>;
using close = caf::atom_constant<caf::atom("close")>;
using configure = caf::atom_constant<caf::atom("configure")>;
using detach = caf::atom_constant<caf::atom("detach")>;
using flush = caf::atom_constant<caf::atom("flush")>;
using keep = caf::atom_constant<caf::atom("keep")>;
using letters = caf::atom_constant<caf::atom("letters")>;
using pull = caf::atom_constant<caf::atom("pull")>;
using purge = caf::atom_constant<caf::atom("purge")>;
using refresh = caf::atom_constant<caf::atom("refresh")>;
using recent = caf::atom_constant<caf::atom("recent")>;
using receive = caf::atom_constant<caf::atom("receive")>;
using reload = caf::atom_constant<caf::atom("reload")>;
using retry = caf::atom_constant<caf::atom("retry")>;
using status = caf::atom_constant<caf::atom("status")>;
using stop = caf::atom_constant<caf::atom("stop")>;
using stopped = caf::atom_constant<caf::atom("stopped")>;
using tick = caf::atom_constant<caf::atom("tick")>;
using watch = caf::atom_constant<caf::atom("watch")>;

} // namespace atoms

/// Whoever watches events arrive: bounded, filled by `telemetry`, drained by a
/// thread of `admin`. See actors/event_feed.hpp.
class event_feed;
using event_feed_ptr = std::shared_ptr<event_feed>;

/// What goes to the store and comes from it; see storage/store.hpp.
namespace storage {
struct commit;
struct reading;
struct written;
struct log_options;
} // namespace storage
using commit_ptr = std::shared_ptr<const storage::commit>;
using reading_ptr = std::shared_ptr<const storage::reading>;
using written_ptr = std::shared_ptr<const storage::written>;
using log_options_ptr = std::shared_ptr<const storage::log_options>;

/// What of the active users outlives the process; see
/// policy/session_table.hpp.
struct session_snapshot;
using session_snapshot_ptr = std::shared_ptr<const session_snapshot>;

/// A picture of the whole engine, for the admin interface.
struct engine_picture {
  std::vector<listener_status> listeners;
  std::vector<destination_status> destinations;
  std::vector<light_status> lights;
  journal_status journal;       ///< At most two seconds old.
  session_picture_ptr sessions; ///< Null until it is known who is active.
};
using engine_picture_ptr = std::shared_ptr<const engine_picture>;

/// Names for app ids; defined in formats/, only carried here.
class app_names;
using app_names_ptr = std::shared_ptr<const app_names>;

/// What a reload brings; see actors/plan.hpp, parser.hpp and limiter.hpp.
struct planned;
struct parser_plan;
struct limiter_plan;
using planned_ptr = std::shared_ptr<planned>;
using parser_plan_ptr = std::shared_ptr<const parser_plan>;
using limiter_plan_ptr = std::shared_ptr<limiter_plan>;

/// A PLANNER: reads the configuration again, on a thread of its own.
using planner_actor = caf::typed_actor<
  // Answers with a plan, or with all that is wrong, and ends.
  caf::replies_to<atoms::reload>::with<planned_ptr>>;

/// The PARSER: turns datagrams into events.
using parser_actor = caf::typed_actor<
  // Parses a batch and passes its events on.
  caf::reacts_to<datagram_batch_ptr>,
  // Answers when all batches before it are passed on.
  caf::replies_to<atoms::flush>::with<caf::ok_atom>,
  // From now on apps have these names.
  caf::reacts_to<app_names_ptr>,
  // From now on it reads datagrams so.
  caf::reacts_to<parser_plan_ptr>>;

/// INGEST: takes datagrams off one socket.
using ingest_actor = caf::typed_actor<
  // Waits a little for datagrams, passes them on, and goes on.
  caf::reacts_to<atoms::receive>,
  // Takes what the kernel still holds, then stops reading for good.
  caf::replies_to<atoms::stop>::with<caf::ok_atom>>;

/// The LIMITER: drops what may not pass.
using limiter_actor = caf::typed_actor<
  // Admits events of a batch and passes them on.
  caf::reacts_to<event_batch_builder>,
  // From now on these rules hold.
  caf::reacts_to<limiter_plan_ptr>,
  // Answers when all batches before it are passed on.
  caf::replies_to<atoms::flush>::with<caf::ok_atom>>;

/// Whoever keeps dead letters.
using letter_keeper_actor = caf::typed_actor<
  // Answers with dead letters.
  caf::replies_to<atoms::letters, letter_query>::with<letter_page_ptr>,
  // Marks dead letters to be sent again; answers how many.
  caf::replies_to<atoms::retry, letter_query>::with<std::uint64_t>,
  // Deletes dead letters; answers how many.
  caf::replies_to<atoms::purge, letter_query>::with<std::uint64_t>>;

/// The STORE: the journal's disk. Two of them share it: one writes, the other
/// reads, each on its own thread. Fails with words for a person.
using store_actor = letter_keeper_actor::extend<
  // Writes all of it, or nothing.
  caf::replies_to<commit_ptr>::with<written_ptr>,
  // Reads up to so many events from a sequence on, before another.
  caf::replies_to<atoms::pull, sequence, sequence,
                  std::uint32_t>::with<reading_ptr>>;

/// The JOURNAL: keeps events until every reader is done with them.
using journal_actor = letter_keeper_actor::extend<
  // Appends a batch, or sheds it by policy; always gives its credit back.
  caf::reacts_to<event_batch_builder>,
  // Answers when all batches before it are appended.
  caf::replies_to<atoms::flush>::with<caf::ok_atom>,
  // Makes the named destination known, with its account in the books; answers
  // where it left off. A new one starts at the end, or at the oldest event if
  // so told.
  caf::replies_to<atoms::attach, std::string, bool>::with<position>,
  // The same for a reader that is no destination: a lamp, the dashboard.
  caf::replies_to<atoms::watch, std::string>::with<position>,
  // Forgets the named reader, which then holds no events back.
  caf::reacts_to<atoms::detach, std::string>,
  // Forgets all destinations but these.
  caf::reacts_to<atoms::keep, std::vector<std::string>>,
  // Answers with up to so many events from a sequence on, as soon as there
  // are any.
  caf::replies_to<atoms::pull, sequence, std::uint32_t>::with<slice_ptr>,
  // Moves the named reader, and keeps what it buried.
  caf::reacts_to<atoms::advance, std::string, progress_ptr>,
  // Answers with the last few events.
  caf::replies_to<atoms::recent>::with<slice_ptr>,
  // New bounds from now on.
  caf::reacts_to<atoms::configure, log_options_ptr>,
  // Answers with how it is doing.
  caf::replies_to<atoms::status>::with<journal_status>,
  // Something is due: writing, freeing what is too old.
  caf::reacts_to<atoms::tick>,
  // Writes all that is not written yet; answers when that is done or hopeless.
  caf::replies_to<atoms::close>::with<caf::ok_atom>>;

/// The SESSION KEEPER: the snapshot of the active users on disk, for which it
/// waits on a thread of its own.
using session_keeper_actor = caf::typed_actor<
  // Answers with what was kept; null if that is nothing, or of no use.
  caf::replies_to<atoms::recent>::with<session_snapshot_ptr>,
  // Keeps it in the place of the former one, and waits until it is safe from
  // power cuts if so told; answers when that is done, or cannot be.
  caf::replies_to<atoms::keep, session_snapshot_ptr, bool>::with<caf::ok_atom>>;

/// SESSIONS: knows who is active now.
using sessions_actor = caf::typed_actor<
  // Lets go of those who were silent for too long, and goes on.
  caf::reacts_to<atoms::tick>,
  // Tells telemetry who is active.
  caf::reacts_to<atoms::status>,
  // Has a snapshot kept.
  caf::reacts_to<atoms::keep>,
  // From now on this long is too long.
  caf::reacts_to<atoms::configure, caf::timespan>,
  // Counts what the journal still has for it and has that kept; answers when
  // it is.
  caf::replies_to<atoms::close>::with<caf::ok_atom>>;

/// A SESSION BOARD: shows somewhere who is active now.
using session_board_actor = caf::typed_actor<
  // Its request was answered.
  caf::reacts_to<delivery_answer>,
  // Something may be due: what has changed, another attempt, a probe.
  caf::reacts_to<atoms::tick>>;

/// TELEMETRY: knows how everybody is doing.
using telemetry_actor = caf::typed_actor<
  // A destination's state changed.
  caf::reacts_to<destination_status>,
  // A lamp's state changed.
  caf::reacts_to<light_status>,
  // A listener's counters changed.
  caf::reacts_to<listener_status>,
  // Others are active than before.
  caf::reacts_to<session_picture_ptr>,
  // A destination, a lamp ("light:" and its name) or a listener of that name is
  // there no more.
  caf::reacts_to<atoms::detach, std::string>,
  // Somebody watches events arrive until the feed closes.
  caf::reacts_to<atoms::watch, event_feed_ptr>,
  // Answers with who is active, as soon as that is another picture than this
  // one.
  caf::replies_to<atoms::pull, session_picture_ptr>::with<session_picture_ptr>,
  // Answers with the picture of the engine.
  caf::replies_to<atoms::status>::with<engine_picture_ptr>,
  // Looks for watchers that have left, and goes on.
  caf::reacts_to<atoms::tick>>;

/// A DESTINATION: delivers what matches, at its own pace.
using destination_actor = caf::typed_actor<
  // There are answers to its requests; see actors/answer_box.hpp.
  caf::reacts_to<atoms::answered>,
  // Something may be due: a retry, a token, a probe.
  caf::reacts_to<atoms::tick>,
  // Tells telemetry how it is doing.
  caf::reacts_to<atoms::status>,
  // Some of its dead letters are to be sent again.
  caf::reacts_to<atoms::retry>,
  // Sends no more; ends once the requests that are out are answered. What is
  // in hand stays in the journal.
  caf::reacts_to<atoms::stop>>;

/// A LIGHT: makes one lamp show the latest wish.
using light_actor = caf::typed_actor<
  // Its request was answered.
  caf::reacts_to<delivery_answer>,
  // Something may be due: the end of an effect, a command, a retry.
  caf::reacts_to<atoms::tick>,
  // Looks at levels and the clock on the wall, and goes on.
  caf::reacts_to<atoms::refresh>,
  // Tells telemetry how it is doing.
  caf::reacts_to<atoms::status>,
  // Shows the idle state, for which it waits half a second at most; answers,
  // and ends.
  caf::replies_to<atoms::stop>::with<caf::ok_atom>,
  // The lamp had its time.
  caf::reacts_to<atoms::close>>;

/// The SUPERVISOR: spawns, watches and drains all of them.
using supervisor_actor = caf::typed_actor<
  // Stops reading, drains for at most so long, ends everybody and itself.
  caf::reacts_to<atoms::stop, caf::timespan>,
  // Looks whether the drain is over, and goes on.
  caf::reacts_to<atoms::tick>,
  // Looks whether the table of app names has changed, and goes on.
  caf::reacts_to<atoms::refresh>,
  // Reads the configuration again and changes what has changed; answers with
  // what that was, or fails with what is wrong, and then nothing changed.
  caf::replies_to<atoms::reload>::with<std::string>,
  // What failed starts again, by the name that the journal knows it by: a
  // destination, "light:" and a lamp, "sessions:".
  caf::reacts_to<atoms::attach, std::string>,
  // Sends dead letters again; answers how many.
  caf::replies_to<atoms::retry, letter_query>::with<std::uint64_t>>;

} // namespace signalbox

// Shared inside one process, never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<std::string>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::datagram_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::app_names_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::planned_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::parser_plan_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::limiter_plan_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::event_batch_builder)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::position)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::progress_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::letter_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::letter_page_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::commit_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::reading_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::written_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::log_options_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::slice_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::delivery_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::destination_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::light_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::listener_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::journal_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::session_picture_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::session_snapshot_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::event_feed_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(signalbox::engine_picture_ptr)
