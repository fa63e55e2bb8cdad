// Names that are looked up while life goes on.
#pragma once

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

} // namespace signalbox::net
