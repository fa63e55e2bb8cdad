// Programs that tests start, and what they need around them.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace signalbox::test {

/// A directory of a test's own that disappears with it.
class temporary_directory {
public:
  temporary_directory() {
    auto pattern =
      (std::filesystem::temp_directory_path() / "signalbox-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error("cannot make a temporary directory");
    path_ = pattern;
  }

  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name} << text;
    return *this / name;
  }

private:
  std::filesystem::path path_;
};

/// A program that ends, at the latest, with this guard.
class child_process {
public:
  explicit child_process(const std::vector<std::string>& command) {
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (const auto& x : command)
      argv.push_back(const_cast<char*>(x.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files{};
    posix_spawn_file_actions_init(&files);
    for (const auto fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    const auto rc =
      posix_spawnp(&pid_, argv[0], &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (rc != 0)
      throw std::runtime_error("cannot start " + command.front());
  }

  ~child_process() {
    end(SIGKILL);
  }

  child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)) {
    // nop
  }

  child_process& operator=(child_process&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }

  void end(int signal) {
    if (pid_ <= 0)
      return;
    kill(pid_, signal);
    wait();
  }

  /// @returns The exit code; -1 when a signal ended it.
  int wait() {
    auto status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

private:
  pid_t pid_ = -1;
};

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in x{};
  x.sin_family = AF_INET;
  x.sin_port = htons(port);
  x.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return x;
}

/// A TCP socket that listens on a free loopback port.
inline int listen_on_loopback(std::uint16_t& port) {
  const auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto name = loopback(0);
  socklen_t size = sizeof(name);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), size) != 0
      || listen(fd, 64) != 0
      || getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0)
    throw std::runtime_error("cannot listen on the loopback interface");
  port = ntohs(name.sin_port);
  return fd;
}

/// A TCP port that nobody listens on.
inline std::uint16_t free_port() {
  std::uint16_t port = 0;
  close(listen_on_loopback(port));
  return port;
}

/// Tries to connect until somebody listens; false after 20 seconds.
inline bool wait_until_listening(std::uint16_t port) {
  const auto until =
    std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto name = loopback(port);
  while (std::chrono::steady_clock::now() < until) {
    const auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto rc =
      connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof(name));
    close(fd);
    if (rc == 0)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

} // namespace signalbox::test
