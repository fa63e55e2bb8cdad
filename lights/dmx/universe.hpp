// A DMX universe: 512 slots that are always told together, whoever of the
// fixtures in it has changed.
#pragma once

#include "endpoints/transport.hpp"
#include "lights/datagram_writer.hpp"
#include "lights/dmx/layout.hpp"
#include "messages/clock.hpp"
#include "net/datagram_peer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

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

  /// Frames a second that every receiver bears (DMX512 itself has 44).
  static constexpr int max_rate = 40;

  /// Receivers give a source up after 2.5 s.
  static constexpr std::chrono::milliseconds refresh{800};

  /// Sets slots, and sends all; or nothing, when a frame has just told the
  /// same. Waits for its turn, 25 ms at most; who waits at the same time
  /// shares one frame.
  /// @param owner Whose slots these are from now on.
  /// @param channel Of the first slot, from 1; all must be in the universe.
  write_answer show(const void* owner, std::size_t channel,
                    std::string_view values);

  /// The slots that are still its own are dark from the next frame on.
  void leave(const void* owner);

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
  std::vector<const void*> owners_; ///< Of each slot; null: nobody's.
  std::uint64_t sequence_ = 0;
  std::uint64_t changes_ = 0;      ///< Times that slots were set.
  std::uint64_t told_changes_ = 0; ///< The last of them that a frame has told.
  mono_time last_frame_{};
  write_answer last_answer_;
};

/// Writes the slots of one fixture: a request is their values. They go dark
/// when it goes.
class fixture_writer final : public byte_writer {
public:
  fixture_writer(std::shared_ptr<universe> where, std::size_t channel);
  ~fixture_writer() override;
  fixture_writer(const fixture_writer&) = delete;
  fixture_writer& operator=(const fixture_writer&) = delete;

  write_answer write(const write_request& request) override;

private:
  std::shared_ptr<universe> where_;
  std::size_t channel_;
};

} // namespace signalbox::lights::dmx
