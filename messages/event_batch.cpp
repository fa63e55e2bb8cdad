#include "messages/event_batch.hpp"

#include <algorithm>
#include <new>

namespace signalbox {

std::string_view event_batch::keep(std::string_view text) {
  if (text.empty())
    return {};
  auto* to = static_cast<char*>(arena_.allocate(text.size(), 1));
  std::ranges::copy(text, to);
  kept_ += text.size();
  return {to, text.size()};
}

std::span<const attribute> event_batch::keep(std::span<const attribute> xs) {
  if (xs.empty())
    return {};
  auto* to = static_cast<attribute*>(
    arena_.allocate(xs.size_bytes(), alignof(attribute)));
  std::uninitialized_copy(xs.begin(), xs.end(), to);
  kept_ += xs.size_bytes();
  return {to, xs.size()};
}

std::size_t event_batch::bytes() const noexcept {
  return sizeof(*this) + kept_ + events.capacity() * sizeof(event)
         + blob_.capacity() + (wire_ ? wire_->bytes.capacity() : 0);
}

} // namespace signalbox
