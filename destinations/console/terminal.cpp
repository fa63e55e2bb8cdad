#include "destinations/console/terminal.hpp"

#include "destinations/digest_text.hpp"
#include "destinations/escape.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <poll.h>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace signalbox::console {

namespace {

constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::size_t command_width = 16; // "Close connection"
constexpr std::size_t title_width = 20;   // "09:15:02 to 09:15:11"

/// Green comes, red goes, as on the lamp.
std::string_view color_of(event_kind kind) {
  switch (kind) {
  case event_kind::session_start:
  case event_kind::connection_open:
    return "\x1b[32m";
  case event_kind::session_stop:
  case event_kind::connection_close:
    return "\x1b[31m";
  default:
    return "\x1b[33m";
  }
}

void append_time(std::string& out, wall_time x) {
  using namespace std::chrono;
  const auto at = system_clock::to_time_t(
    time_point_cast<system_clock::duration>(floor<seconds>(x)));
  std::tm local{};
  if (::localtime_r(&at, &local) != nullptr)
    fmt::format_to(std::back_inserter(out), "{:%H:%M:%S}", local);
}

/// Blocks SIGPIPE for this thread, and takes back the one that it caused.
class sigpipe_blocked {
public:
  sigpipe_blocked() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }

  ~sigpipe_blocked() {
    if (::sigismember(&before_, SIGPIPE) == 0) {
      constexpr timespec at_once{};
      while (::sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
        // each pending one
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  sigpipe_blocked(const sigpipe_blocked&) = delete;
  sigpipe_blocked& operator=(const sigpipe_blocked&) = delete;

private:
  sigset_t pipe_{};
  sigset_t before_{};
};

} // namespace

bool wants_colors(int fd) {
  const auto* refused =
    std::getenv("NO_COLOR"); // NOLINT(concurrency-mt-unsafe)
  return ::isatty(fd) == 1 && (refused == nullptr || *refused == '\0');
}

void append_line(std::string& out, const event& x, bool colors) {
  const auto paint = [&](std::string_view code) {
    if (colors)
      out += code;
  };
  const auto column = [&](std::string_view value) {
    if (value.empty())
      return;
    out += "  ";
    escape::plain(out, value);
  };
  paint(dim);
  append_time(out, x.received);
  paint(reset);
  paint(color_of(x.kind));
  const auto command = x.command.empty() ? command_of(x.kind) : x.command;
  column(command);
  if (command.size() < command_width)
    out.append(command_width - command.size(), ' ');
  paint(reset);
  column(x.user_directory.empty()
           ? std::string{x.user_id}
           : fmt::format("{}/{}", x.user_directory, x.user_id));
  column(x.host);
  column(x.app_name.empty() ? x.app_id : x.app_name);
}

void append_digest(std::string& out, const digest& sum, bool colors) {
  const auto paint = [&](std::string_view code) {
    if (colors)
      out += code;
  };
  paint(dim);
  append_time(out, sum.first());
  out += " to ";
  append_time(out, sum.last());
  paint(reset);
  out += "  ";
  paint(bold);
  out += headline(sum);
  paint(reset);
  out += '\n';
  auto lists = rankings_in(sum);
  lists.insert(lists.begin(), kinds_in(sum));
  for (const auto& list : lists) {
    paint(dim);
    out += fmt::format("{:>{}}", list.title, title_width);
    paint(reset);
    std::string_view before = "  ";
    for (const auto& row : list.rows) {
      out.append(before).append(grouped(row.events)).append(" ");
      escape::plain(out, row.name);
      before = ", ";
    }
    out += '\n';
  }
}

write_answer descriptor_writer::write(const write_request& request) {
  const sigpipe_blocked guard;
  std::string_view bytes = request.bytes;
  while (!bytes.empty()) {
    const auto n = ::write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR)
      continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd wait{fd_, POLLOUT, 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    return {"cannot write to the standard output: "
            + std::error_code{errno, std::generic_category()}.message()};
  }
  return {};
}

} // namespace signalbox::console
