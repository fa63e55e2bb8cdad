#include "lights/lifx/bulb.hpp"

#include <utility>

namespace signalbox::lights::lifx {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds lookup_patience{1'000};
constexpr milliseconds search_patience{150}; // of each of three questions

constexpr auto cure = "; is it switched on (at the wall, too), and on this "
                      "network?";

} // namespace

bulb::bulb(options x) : options_(std::move(x)) {
  // nop
}

write_answer bulb::write(const write_request& request) {
  if (!peer_)
    if (auto opened = open(); !opened)
      return {.error = opened.error().what};
  const auto heard = ask(request.bytes);
  if (heard && *heard == reply::done)
    return {};
  if (heard && *heard == reply::unhandled)
    return {.error = "the lamp does not know this command: it has no colours, "
                     "or is no lamp",
            .refused = true};
  // It may have another address by now.
  peer_.reset();
  return {.error = heard ? "the lamp " + name() + " does not answer" + cure
                         : heard.error().what + cure};
}

std::string bulb::name() const {
  return options_.address && options_.mac == mac_address{}
           ? "at " + options_.address->host
           : to_string(options_.mac);
}

result<lamp_address> bulb::find() const {
  const auto& [host, port] = options_.everybody;
  auto asking =
    net::datagram_peer::open({.host = host, .port = port, .heed_all = true},
                             steady_clock::now() + lookup_patience);
  if (!asking)
    return tl::unexpected{asking.error()};
  const auto question = get_service({options_.source, 0});
  for (auto i = 0; i < tries; ++i) {
    if (auto sent = asking->send(question); !sent)
      return tl::unexpected{sent.error()};
    const auto deadline = steady_clock::now() + search_patience;
    while (steady_clock::now() < deadline) {
      const auto got = asking->receive(deadline);
      if (!got)
        return tl::unexpected{got.error()};
      if (!*got)
        break;
      const auto x = parse((*got)->bytes);
      if (!x || x->from != options_.mac
          || x->type != static_cast<std::uint16_t>(answer_type::service))
        continue;
      if (const auto at = service_port(x->payload))
        return lamp_address{address_text((*got)->source), *at};
    }
  }
  return fail(errc::network,
              "no lamp on this network says that it is "
                + to_string(options_.mac)
                + ": switch it on, or set its address where broadcasts do not "
                  "reach it");
}

result<void> bulb::open() {
  const auto where =
    options_.address ? result<lamp_address>{*options_.address} : find();
  if (!where)
    return tl::unexpected{where.error()};
  auto opened =
    net::datagram_peer::open({.host = where->host, .port = where->port},
                             steady_clock::now() + lookup_patience);
  if (!opened)
    return tl::unexpected{opened.error()};
  peer_ = std::move(*opened);
  return {};
}

result<bulb::reply> bulb::ask(const std::string& packet) {
  for (auto i = 0; i < tries; ++i) {
    if (auto sent = peer_->send(packet); !sent)
      return tl::unexpected{sent.error()};
    auto heard = hear(ticket_of(packet), steady_clock::now() + patience);
    if (!heard || *heard != reply::none)
      return heard;
  }
  return reply::none;
}

result<bulb::reply> bulb::hear(ticket question, mono_time deadline) {
  // First, as someone who never stops talking is always there.
  while (steady_clock::now() < deadline) {
    const auto got = peer_->receive(deadline);
    if (!got)
      return tl::unexpected{got.error()};
    if (!*got)
      break;
    const auto x = parse((*got)->bytes);
    if (!x || x->to != question)
      continue;
    if (x->type == static_cast<std::uint16_t>(answer_type::acknowledgement))
      return reply::done;
    if (x->type == static_cast<std::uint16_t>(answer_type::unhandled))
      return reply::unhandled;
  }
  return reply::none;
}

} // namespace signalbox::lights::lifx
