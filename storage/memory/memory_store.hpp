// A store that forgets: events and positions live in the journal's memory only,
// and only dead letters are kept, as long as the process lives.
#pragma once

#include "storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace signalbox::storage {

class memory_store final : public store {
public:
  /// Dead letters that are kept; the oldest leave.
  static constexpr std::size_t most_letters = 10'000;

  [[nodiscard]] bool is_durable() const override {
    return false;
  }

  result<recovered> recover() override;
  result<written> write(const commit& x) override;
  result<reading> read(sequence from, sequence until,
                       std::size_t max_events) override;
  result<letter_page> letters(const letter_query& which) override;
  result<std::uint64_t> mark(const letter_query& which) override;
  result<std::uint64_t> purge(const letter_query& which) override;

private:
  void bury(dead_letter x);

  std::mutex mutex_;
  std::deque<dead_letter> letters_; ///< By id.
  std::uint64_t last_id_ = 0;
  bool letters_dropped_ = false;
};

} // namespace signalbox::storage
