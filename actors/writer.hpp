// The transport of those that write bytes themselves: to a file, the console, a
// device.
#pragma once

#include "actors/transports.hpp"

#include <memory>
#include <thread>

namespace signalbox {

/// Owns a thread, on which a `byte_writer` may block.
class writer final : public transport {
public:
  explicit writer(std::unique_ptr<byte_writer> lines);

  /// Waits up to two seconds for the request at hand; one that still hangs is
  /// left behind with its thread. The others are not answered any more.
  ~writer() override;

  void carry_out(delivery_request request, on_answer done) override;

private:
  struct desk;
  std::shared_ptr<desk> desk_;
  std::thread thread_;
};

} // namespace signalbox
