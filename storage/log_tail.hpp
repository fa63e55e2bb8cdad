// The journal's memory: the recent tail of the log, everybody's place in it,
// and what of it has to be written when. Pure: no actor, no thread, time is an
// argument; the `journal` actor carries out what it decides.
#pragma once

#include "messages/clock.hpp"
#include "messages/dead_letter.hpp"
#include "messages/failure.hpp"
#include "messages/log.hpp"
#include "storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace signalbox::storage {

/// What a full journal does with the next batch.
enum class when_full : std::uint8_t {
  drop_oldest, ///< Makes room; readers that lag behind miss events.
  drop_newest, ///< Refuses it.
};

/// Bounds, and how long events may wait to be written.
struct log_options {
  /// How long a batch may be in memory only; what everyone is done with by
  /// then is never written. 0: nobody is told of a batch before it is written.
  duration linger = std::chrono::milliseconds(50);
  std::size_t max_memory = std::size_t{64} << 20; ///< Bytes.
  std::size_t max_bytes = std::size_t{4} << 30;   ///< In the store.
  duration max_age = std::chrono::hours(7 * 24);
  when_full full = when_full::drop_oldest;

  bool operator==(const log_options&) const = default;
};

class log_tail {
public:
  /// Where a new destination begins.
  enum class start : std::uint8_t { end, oldest };

  /// For the caller: these events are in the store only.
  struct in_store {
    sequence from;
    sequence until;
  };

  /// Nothing to read yet, a piece of the log, or where to read it.
  using found = std::variant<std::monostate, slice, in_store>;

  /// @param durable Whether what is written is kept.
  log_tail(log_options options, bool durable, const recovered& former);

  /// New bounds from now on.
  void configure(log_options options);

  /// Appends a batch. Fails with `errc::full` when it is refused.
  result<void> append(event_batch_ptr batch, mono_time now, wall_time wall);

  /// The number that the next event gets, and the first that readers cannot
  /// see yet: less than that while events wait to be written with `linger` 0.
  [[nodiscard]] sequence next() const noexcept {
    return next_;
  }
  [[nodiscard]] sequence visible() const noexcept {
    return visible_;
  }

  /// Makes a destination known, or finds it again.
  position attach(const std::string& reader, start where, mono_time now);

  /// Everybody whom a former process may have known is attached.
  void all_attached() noexcept {
    places_lost_ = false;
  }

  /// Makes a reader known that is no destination, or finds it again: a new one
  /// begins at the end. It does not outlive the process.
  position watch(const std::string& reader);

  void forget(const std::string& reader, mono_time now);

  /// Destinations that are known, with the events that wait for each.
  [[nodiscard]] std::map<std::string, std::uint64_t> destinations() const;

  /// Moves a reader that is known, and keeps its letters.
  void advance(const std::string& reader, progress x, mono_time now);

  /// What there is from `from` on, up to `most` events.
  [[nodiscard]] found read(sequence from, std::size_t most) const;

  /// Batches in the store that turned out to be damaged.
  void set_aside(const std::vector<sequence>& damaged, mono_time now);

  /// Something else changed that the next commit should hold within a second.
  void touch(mono_time now);

  /// What to write now, if anything is due; then `written` or `not_written`
  /// must follow before the next one. The caller adds the counters.
  /// @param all Also what could still wait.
  std::optional<commit> next_commit(mono_time now, bool all = false);

  /// When to call `next_commit`, if nothing else happens.
  [[nodiscard]] std::optional<mono_time> wake_at() const;

  [[nodiscard]] bool is_writing() const noexcept {
    return out_.has_value();
  }

  /// The last commit failed: it is tried again every second.
  [[nodiscard]] bool is_failing() const noexcept {
    return is_failing_;
  }

  /// What is not written takes more than half of the memory: events are
  /// written at once.
  [[nodiscard]] bool is_pressed() const noexcept;

  void written(const log_extent& store, mono_time now);
  void not_written(mono_time now);

  /// Frees what nobody needs, what is too old, and what is beyond the bounds.
  void trim(wall_time wall);

  /// What is kept, in memory or in the store, which has the bytes.
  [[nodiscard]] log_extent holds() const noexcept;

  /// Bytes in memory.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_;
  }

  /// Events that left before everybody was done with them, for want of room or
  /// for their age. Each destination that misses some counts them itself.
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return dropped_;
  }

  /// Dead letters that were lost because they could not be written for long.
  [[nodiscard]] std::uint64_t lost_letters() const noexcept {
    return lost_letters_;
  }

private:
  struct entry {
    stored_batch stored;
    std::size_t bytes;
    mono_time appended;
    wall_time at;
  };

  struct reader {
    position at;
    sequence durable = 1; ///< Its `next` in the store.
    bool moved = false;
    bool is_destination = false;
  };

  [[nodiscard]] bool may_repeat(const reader& x) const noexcept;
  [[nodiscard]] sequence done() const noexcept;
  void find_slowest() noexcept;
  [[nodiscard]] sequence memory_first() const noexcept;
  [[nodiscard]] std::deque<entry>::const_iterator
  first_unwritten() const noexcept;
  [[nodiscard]] duration pause() const noexcept;
  void due_by(mono_time at) noexcept;
  void count_dropped(sequence first, sequence end) noexcept;
  void drop_front();
  void bound_letters();

  log_options options_;
  bool durable_;
  std::deque<entry> tail_;
  std::map<std::string, reader> readers_;
  /// The first event that some reader is not done with, kept up to date since
  /// it is asked for with each batch. The highest number without readers.
  sequence slowest_ = std::numeric_limits<sequence>::max();
  bool places_lost_ = false; ///< See `recovered`.
  sequence next_ = 1;
  sequence visible_ = 1;
  sequence written_ = 1; ///< Everything before it is in the store or done.
  std::size_t bytes_ = 0;
  std::size_t unwritten_ = 0; ///< Of them, those that are not written.
  log_extent store_;

  std::vector<std::string> gone_;
  std::vector<dead_letter> buried_;
  std::vector<std::uint64_t> absolved_;
  std::vector<sequence> damaged_;
  std::uint64_t lost_letters_ = 0;
  std::uint64_t dropped_ = 0;

  std::optional<commit> out_;    ///< Being written; its batches left out.
  sequence out_end_ = 1;         ///< The end of its last batch.
  std::optional<mono_time> due_; ///< For all but batches.
  mono_time not_before_ = mono_time::min();
  bool is_failing_ = false;
};

} // namespace signalbox::storage
