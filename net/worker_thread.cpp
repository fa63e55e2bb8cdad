#include "net/worker_thread.hpp"

#include <csignal>
#include <pthread.h>
#include <utility>

namespace signalbox::net {

std::thread start_worker(std::string name, std::function<void()> run) {
  // A new thread inherits its parent's mask, so it is quiet from the start.
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread worker{[name = std::move(name), run = std::move(run)] {
    pthread_setname_np(pthread_self(), name.c_str());
    run();
  }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return worker;
}

} // namespace signalbox::net
