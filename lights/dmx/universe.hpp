// A DMX universe: 512 slots that are always told together, whoever of the
// fixtures in it has changed.
#pragma once

#include "endpoints/transport.hpp"
#include "lights/datagram_writer.hpp"
#include "lights/dmx/layout.hpp"
#include "net/datagram_peer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace signalbox::lights::dmx {

/// Writes a protocol's frame around 512 slots.
/// @param sequence Counts frames; each protocol has its own way to.
using frame_writer =
  std::function<std::string(std::uint64_t sequence, std::string_view slots)>;

/// One universe at one receiver. Fixtures of the same universe share it, or
/// each would tell the others' slots to be dark. Thread-safe.
class universe {
public:
  universe(net::datagram_options to, frame_writer frame);

  /// Sets slots, and sends all.
  /// @param channel Of the first slot, from 1; all must be in the universe.
  write_answer show(std::size_t channel, std::string_view values);

  /// The universe called `name`, which lives as long as somebody holds it.
  /// @param make Called if there is none.
  static std::shared_ptr<universe>
  shared(const std::string& name,
         const std::function<std::shared_ptr<universe>()>& make);

private:
  std::mutex mutex_;
  datagram_writer out_;
  frame_writer frame_;
  std::string slots_;
  std::uint64_t sequence_ = 0;
};

/// Writes the slots of one fixture: a request is their values.
class fixture_writer final : public byte_writer {
public:
  fixture_writer(std::shared_ptr<universe> where, std::size_t channel);

  write_answer write(const write_request& request) override;

private:
  std::shared_ptr<universe> where_;
  std::size_t channel_;
};

} // namespace signalbox::lights::dmx
