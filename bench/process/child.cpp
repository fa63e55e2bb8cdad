#include "bench/process/child.hpp"

#include "bench/process/wait_for.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

// An engine drains for at most ten seconds.
constexpr auto patience = 30s;

void redirect(const std::string& output) {
  const int fd =
    ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  ::dup2(fd, STDOUT_FILENO);
  ::dup2(fd, STDERR_FILENO);
}

} // namespace

result<child> child::fork(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(errc::file,
                "no new process: " + std::system_category().message(errno));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(1);
  }
  return child{pid};
}

result<child> child::exec(const std::vector<std::string>& command,
                          const std::string& output) {
  return fork([&] {
    if (!output.empty())
      redirect(output);
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

child& child::operator=(child&& other) noexcept {
  if (this != &other) {
    stop();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

child::~child() {
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

memory_use child::memory() const {
  memory_use x;
  std::ifstream status{fmt::format("/proc/{}/status", pid_)};
  for (std::string line; std::getline(status, line);) {
    std::istringstream words{line};
    std::string name;
    double kib = 0;
    words >> name >> kib;
    if (name == "VmRSS:")
      x.now = kib / 1024;
    else if (name == "VmHWM:")
      x.peak = kib / 1024;
  }
  return x;
}

bool child::alive() const {
  siginfo_t state{};
  return pid_ > 0
         && ::waitid(P_PID, static_cast<id_t>(pid_), &state,
                     WEXITED | WNOHANG | WNOWAIT)
              == 0
         && state.si_pid == 0;
}

int child::stop() {
  if (pid_ <= 0)
    return -1;
  ::kill(pid_, SIGTERM);
  if (!wait_for([this] { return !alive(); }, patience))
    ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void child::kill() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

} // namespace signalbox::bench
