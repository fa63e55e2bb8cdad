#include "bench/child.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>

namespace signalbox::bench {

result<child> child::fork(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(errc::file, std::system_category().message(errno));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(1);
  }
  return child{pid};
}

result<child> child::exec(const std::vector<std::string>& command) {
  return fork([&command] {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const auto& x : command)
      arguments.push_back(const_cast<char*>(x.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
  });
}

child::child(child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {
  // nop
}

child::~child() {
  if (pid_ > 0)
    stop();
}

std::chrono::nanoseconds child::cpu() const {
  clockid_t clock{};
  timespec spent{};
  if (::clock_getcpuclockid(pid_, &clock) == 0)
    ::clock_gettime(clock, &spent);
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

bool child::alive() const {
  siginfo_t state{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &state,
                  WEXITED | WNOHANG | WNOWAIT)
           == 0
         && state.si_pid == 0;
}

int child::stop() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace signalbox::bench
