#include "bench/load.hpp"

#include "messages/event.hpp"
#include "net/udp_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>

namespace signalbox::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 4> browsers{
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
  "Gecko) Chrome/119.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:58.0) Gecko/20100101 "
  "Firefox/58.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
  "Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 "
  "(KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
};

} // namespace

std::vector<std::string> sample_datagrams() {
  std::vector<std::string> result;
  for (unsigned i = 0; i < 1000; ++i) {
    const auto kind = static_cast<event_kind>(i % 4);
    const bool session =
      kind == event_kind::session_start || kind == event_kind::session_stop;
    const auto command = command_of(kind);
    result.push_back(fmt::format(
      "/qseow-proxy-{}/;sense{}.example.com;{};LAB;user{};AppAccess;"
      "/app/a421f4a2-c311-4ef4-ba41-{:012x}?reloaduri=https%3A%2F%2Fsense."
      "example.com%2Fhub;{} for user LAB\\user{}. UserAgent: '{}'",
      session ? "session" : "connection", i % 8, command, i, i % 50, command, i,
      browsers[i % browsers.size()]));
  }
  return result;
}

result<load_result> send_load(std::uint16_t port, std::uint64_t rate,
                              std::chrono::seconds length) {
  auto sender = net::udp_sender::connect("127.0.0.1", port);
  if (!sender)
    return tl::unexpected(sender.error());
  const auto texts = sample_datagrams();
  const std::vector<std::string_view> samples(texts.begin(), texts.end());
  const auto total = rate * static_cast<std::uint64_t>(length.count());
  const auto start = clock::now();
  load_result done;
  auto tick = start;
  for (std::uint64_t offered = 0; offered < total;) {
    const auto target =
      rate * static_cast<std::uint64_t>((tick - start).count()) / 1'000'000'000;
    while (offered < std::min(target, total)) {
      const auto at = offered % samples.size();
      const auto n = std::min({std::min(target, total) - offered,
                               samples.size() - at, std::uint64_t{64}});
      auto sent = sender->send({samples.data() + at, n});
      if (!sent)
        return tl::unexpected(sent.error());
      done.sent += *sent;
      offered += n;
    }
    tick += std::chrono::milliseconds{1};
    std::this_thread::sleep_until(tick);
  }
  done.took = clock::now() - start;
  return done;
}

} // namespace signalbox::bench
