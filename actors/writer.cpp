#include "actors/writer.hpp"

#include "net/worker_thread.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

namespace signalbox {

namespace {

constexpr auto max_close_time = std::chrono::seconds(2);

// What throws harms its request only: without its writer, the destination or
// the lamp would be lost until the next start.
write_answer write_lines(byte_writer& lines, const write_request& x) try {
  return lines.write(x);
} catch (const std::exception& e) {
  return {.error = std::string{"cannot be written: "} + e.what()};
}

} // namespace

/// What the two threads share.
struct writer::desk {
  struct task {
    write_request request;
    on_answer done;
  };

  void run() {
    std::unique_lock guard{mutex};
    while (!closing) {
      if (tasks.empty()) {
        changed.wait(guard);
        continue;
      }
      auto x = std::move(tasks.front());
      tasks.pop_front();
      guard.unlock();
      x.done(write_lines(*lines, x.request));
      guard.lock();
    }
    guard.unlock();
    lines.reset();
    guard.lock();
    ended = true;
    changed.notify_all();
  }

  std::unique_ptr<byte_writer> lines; ///< Of the thread only.
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<task> tasks; ///< Guarded by `mutex`, like all below.
  bool closing = false;
  bool ended = false;
};

writer::writer(std::unique_ptr<byte_writer> lines)
  : desk_(std::make_shared<desk>()) {
  desk_->lines = std::move(lines);
  thread_ = net::start_worker("writer", [it = desk_] { it->run(); });
}

writer::~writer() {
  auto& it = *desk_;
  std::unique_lock guard{it.mutex};
  it.closing = true;
  it.changed.notify_all();
  const auto ended =
    it.changed.wait_for(guard, max_close_time, [&] { return it.ended; });
  guard.unlock();
  if (ended)
    thread_.join();
  else
    thread_.detach();
}

void writer::carry_out(delivery_request request, on_answer done) {
  auto& it = *desk_;
  {
    const std::lock_guard guard{it.mutex};
    it.tasks.push_back(
      {std::move(std::get<write_request>(request)), std::move(done)});
  }
  it.changed.notify_one();
}

} // namespace signalbox
