// Names that are looked up while life goes on.
#pragma once

#include "messages/clock.hpp"
#include "net/address.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace signalbox::net {

/// One look-up, by a thread of its own that nobody waits for: with a name
/// server that is down, it can take half a minute.
class name_lookup {
public:
  enum class outcome : unsigned char { pending, found, failed };

  /// @param wake An eventfd that is written to when the outcome is there.
  name_lookup(std::string host, int wake);

  [[nodiscard]] outcome state() const;

private:
  struct shared_state;
  std::shared_ptr<shared_state> state_;
};

/// As `resolve`, but waits until `deadline` at most; the resolver goes on by
/// itself then, and nobody hears of it. A literal never waits.
tl::expected<address_list, std::string>
resolve_until(const std::string& host, std::uint16_t port, mono_time deadline);

} // namespace signalbox::net
