#include "lights/datagram_writer.hpp"

#include <chrono>
#include <utility>

namespace signalbox::lights {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds lookup_patience{800};

/// How long a machine has to say that nobody listens there. Waited for once
/// per socket: otherwise each second datagram would seem to arrive.
constexpr std::chrono::milliseconds refusal_patience{20};

} // namespace

datagram_writer::datagram_writer(net::datagram_options to)
  : to_(std::move(to)) {
  // nop
}

write_answer datagram_writer::write(const write_request& request) {
  return send(request.bytes);
}

write_answer datagram_writer::send(std::string_view bytes) {
  const auto sent = peer_ ? peer_->send(bytes) : open_and_send(bytes);
  if (sent)
    return {};
  peer_.reset();
  return {.error = sent.error().what};
}

result<void> datagram_writer::open_and_send(std::string_view bytes) {
  auto opened =
    net::datagram_peer::open(to_, steady_clock::now() + lookup_patience);
  if (!opened)
    return tl::unexpected{opened.error()};
  peer_ = std::move(*opened);
  if (auto sent = peer_->send(bytes); !sent)
    return sent;
  if (auto heard = peer_->receive(steady_clock::now() + refusal_patience);
      !heard)
    return tl::unexpected{heard.error()};
  return {};
}

} // namespace signalbox::lights
