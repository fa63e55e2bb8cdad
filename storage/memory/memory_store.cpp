#include "storage/memory/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace signalbox::storage {

result<sequence> memory_store::append(event_batch_ptr batch, wall_time now) {
  const auto bytes = batch->bytes();
  if (bytes_ + bytes > opts_.max_bytes && opts_.full == when_full::drop_newest)
    return fail(errc::full, fmt::format("the journal holds {} bytes, its bound "
                                        "(journal.max_memory) is {}",
                                        bytes_, opts_.max_bytes));
  // A batch larger than the bound itself is still taken: it is the newest.
  while (!log_.empty() && bytes_ + bytes > opts_.max_bytes)
    drop_oldest();
  const auto first = next_;
  next_ += batch->events.size();
  bytes_ += bytes;
  log_.push_back({{first, std::move(batch)}, bytes, now});
  return first;
}

result<slice> memory_store::read(sequence from, std::size_t max_events) {
  slice out;
  out.from = std::max(from, holds().oldest);
  auto i = std::ranges::partition_point(
    log_, [&](const entry& x) { return x.stored.end() <= out.from; });
  for (std::size_t events = 0; i != log_.end() && events < max_events; ++i) {
    events += i->stored.batch->events.size();
    out.batches.push_back(i->stored);
  }
  return out;
}

result<std::optional<cursor>> memory_store::load(const std::string& reader) {
  const auto i = readers_.find(reader);
  if (i == readers_.end())
    return std::nullopt;
  return i->second;
}

result<void> memory_store::advance(const std::string& reader,
                                   const cursor& to) {
  readers_[reader] = to;
  return {};
}

result<void> memory_store::forget(const std::string& reader) {
  readers_.erase(reader);
  return {};
}

result<void> memory_store::truncate(wall_time now) {
  auto done = next_;
  for (const auto& [name, where] : readers_)
    done = std::min(done, where.next);
  const auto too_old = now - opts_.max_age;
  while (
    !log_.empty()
    && (log_.front().stored.end() <= done || log_.front().appended < too_old))
    drop_oldest();
  return {};
}

log_extent memory_store::holds() const {
  return {log_.empty() ? next_ : log_.front().stored.first, next_, bytes_};
}

void memory_store::drop_oldest() {
  bytes_ -= log_.front().bytes;
  log_.pop_front();
}

} // namespace signalbox::storage
