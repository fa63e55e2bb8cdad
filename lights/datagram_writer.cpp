#include "lights/datagram_writer.hpp"

#include <chrono>
#include <utility>

namespace signalbox::lights {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds lookup_patience{800};

/// How long a machine has to say that nobody listens there. Waited for once
/// per socket, so that a wrong address is told at once.
constexpr std::chrono::milliseconds refusal_patience{20};

} // namespace

datagram_writer::datagram_writer(net::datagram_options to)
  : to_(std::move(to)) {
  // nop
}

write_answer datagram_writer::write(const write_request& request) {
  return send(request.bytes, steady_clock::now());
}

write_answer datagram_writer::send(std::string_view bytes, mono_time now) {
  if (peer_)
    hold(peer_->troubles(), now);
  const auto fresh = (!peer_ || now >= opened_ + socket_age) && open(now);
  if (peer_)
    hold(peer_->send(bytes), now);
  if (fresh)
    if (auto heard = peer_->receive(steady_clock::now() + refusal_patience);
        !heard)
      hold(tl::unexpected{heard.error()}, now);
  if (now < error_ends_)
    return {.error = error_};
  return {};
}

void datagram_writer::hold(const result<void>& x, mono_time now) {
  if (x)
    return;
  error_ = x.error().what;
  error_ends_ = now + error_age;
}

/// True if there is a new socket. An old one stays if the name cannot be looked
/// up right now.
bool datagram_writer::open(mono_time now) {
  auto opened =
    net::datagram_peer::open(to_, steady_clock::now() + lookup_patience);
  opened_ = now;
  if (opened)
    peer_ = std::move(*opened);
  else if (!peer_)
    hold(tl::unexpected{opened.error()}, now);
  return opened.has_value();
}

} // namespace signalbox::lights
