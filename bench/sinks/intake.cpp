#include "bench/sinks/intake.hpp"

#include <charconv>
#include <cstring>
#include <utility>

namespace signalbox::bench {

intake::intake(arrivals& seen, std::string mark)
  : seen_(seen), mark_(std::move(mark)) {
  // nop
}

void intake::add(std::string_view body) noexcept {
  ++messages_;
  bytes_ += body.size();
  if (!mark_.empty())
    look_for_marks(body);
}

void intake::look_for_marks(std::string_view body) noexcept {
  const char* const end = body.data() + body.size();
  const char* at = body.data();
  while (const auto* found = ::memmem(at, static_cast<std::size_t>(end - at),
                                      mark_.data(), mark_.size())) {
    at = static_cast<const char*>(found) + mark_.size();
    ++marks_;
    std::int64_t sent = 0;
    if (std::from_chars(at, end, sent).ec == std::errc{})
      seen_.under_way.add(now_.time_since_epoch()
                          - std::chrono::nanoseconds{sent});
  }
}

void intake::publish() noexcept {
  seen_.bytes.store(bytes_, std::memory_order_relaxed);
  seen_.marks.store(marks_, std::memory_order_relaxed);
  seen_.messages.store(messages_, std::memory_order_release);
}

std::optional<std::size_t> take_lines(std::string_view input, intake& in,
                                      std::string&) {
  std::size_t taken = 0;
  for (auto end = input.find('\n'); end != std::string_view::npos;
       end = input.find('\n', taken)) {
    in.add(input.substr(taken, end - taken));
    taken = end + 1;
  }
  return taken;
}

} // namespace signalbox::bench
