// A journal that lives in memory: nothing of it survives the process.
#pragma once

#include "storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace signalbox::storage {

/// What a full store does with the next batch.
enum class when_full : std::uint8_t {
  drop_oldest, ///< Makes room; readers that lag behind miss events.
  drop_newest, ///< Refuses it.
};

class memory_store final : public store {
public:
  struct options {
    std::size_t max_bytes = std::size_t{64} << 20;
    duration max_age = std::chrono::hours(7 * 24);
    when_full full = when_full::drop_oldest;
  };

  explicit memory_store(options opts) : opts_(opts) {
    // nop
  }

  result<sequence> append(event_batch_ptr batch, wall_time now) override;
  result<slice> read(sequence from, std::size_t max_events) override;
  result<std::optional<cursor>> load(const std::string& reader) override;
  result<void> advance(const std::string& reader, const cursor& to) override;
  result<void> forget(const std::string& reader) override;
  result<void> truncate(wall_time now) override;

  [[nodiscard]] log_extent holds() const override;

private:
  struct entry {
    stored_batch stored;
    std::size_t bytes;
    wall_time appended;
  };

  void drop_oldest();

  options opts_;
  std::deque<entry> log_;
  std::map<std::string, cursor> readers_;
  sequence next_ = 1;
  std::size_t bytes_ = 0;
};

} // namespace signalbox::storage
