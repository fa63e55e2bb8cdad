#include "net/descriptor.hpp"

#include <unistd.h>

namespace signalbox::net {

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

} // namespace signalbox::net
