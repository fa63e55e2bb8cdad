// Datagram batches by hand.
#pragma once

#include "messages/datagram_batch.hpp"

#include <initializer_list>
#include <memory>
#include <string_view>

namespace signalbox::test {

constexpr wall_time received_at{std::chrono::seconds{1'795'338'902}};

/// One datagram a text, back to back, from ::1 port 9.
inline datagram_batch_ptr
make_batch(std::initializer_list<std::string_view> texts) {
  auto batch = std::make_shared<datagram_batch>();
  for (const auto text : texts) {
    datagram x;
    x.offset = static_cast<std::uint32_t>(batch->bytes.size());
    x.length = static_cast<std::uint32_t>(text.size());
    x.source.address.back() = 1;
    x.source.port = 9;
    x.received = received_at;
    batch->items.push_back(x);
    batch->bytes.insert(batch->bytes.end(), text.begin(), text.end());
  }
  batch->bytes.resize(batch->bytes.size() + datagram_batch::padding);
  return batch;
}

} // namespace signalbox::test
