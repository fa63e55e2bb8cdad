#include "net/http_client.hpp"

#include "net/http_transfer.hpp"
#include "net/worker_thread.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace signalbox::net {

namespace {

using namespace std::chrono_literals;
using transfer_ptr = std::unique_ptr<http_transfer>;

/// Idle connections that are kept, over all servers.
constexpr long max_kept_connections = 128;

/// Easy handles that are kept for the next requests.
constexpr std::size_t max_kept_handles = 64;

/// How long the thread sleeps when nothing has a deadline.
constexpr auto max_sleep = 60'000ms;

constexpr std::string_view closing_words =
  "not sent or not answered, for Signalbox is closing its connections";

struct multi_cleanup {
  void operator()(CURLM* x) const noexcept {
    curl_multi_cleanup(x);
  }
};

/// One sender's requests to one server: what runs, and what waits for its turn.
struct queue {
  std::size_t running = 0;
  std::deque<transfer_ptr> waiting;
};

using queue_map = std::map<std::string, queue>;

void init_libcurl() {
  static const auto done = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(done);
}

} // namespace

// The queues are ours rather than libcurl's: in order, with deadlines that hold
// while waiting, and each apart from the others.
struct http_client::impl {
  explicit impl(options x)
    : opts(std::move(x)), multi((init_libcurl(), curl_multi_init())) {
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, max_kept_connections);
    thread = start_worker("http", [this] { run(); });
  }

  void run() {
    for (;;) {
      const auto now = std::chrono::steady_clock::now();
      if (!accept_submitted())
        break;
      expire_waiting(now);
      for (auto& [name, x] : queues)
        start_next(x, now);
      auto running = 0;
      curl_multi_perform(multi.get(), &running);
      if (finish_done())
        continue;
      curl_multi_poll(multi.get(), nullptr, 0, sleep_time(now), nullptr);
    }
    give_up_all();
  }

  /// Queues what has been sent since the last call.
  /// @returns False when the client is closing.
  bool accept_submitted() {
    std::vector<transfer_ptr> fresh;
    {
      const std::lock_guard lock{mutex};
      if (closing)
        return false;
      fresh.swap(submitted);
    }
    for (auto& x : fresh) {
      if (const auto good = x->check(); !good) {
        x->give_up(good.error().what);
        continue;
      }
      next_expiry = std::min(next_expiry, x->deadline());
      queues[x->queue()].waiting.push_back(std::move(x));
    }
    return true;
  }

  /// Answers those whose time is over before their turn. Looks only when the
  /// first of them is due.
  void expire_waiting(mono_time now) {
    if (now < next_expiry)
      return;
    next_expiry = mono_time::max();
    for (auto& [name, x] : queues) {
      std::deque<transfer_ptr> kept;
      for (auto& transfer : x.waiting) {
        if (transfer->deadline() <= now) {
          transfer->expire();
          continue;
        }
        next_expiry = std::min(next_expiry, transfer->deadline());
        kept.push_back(std::move(transfer));
      }
      x.waiting = std::move(kept);
    }
  }

  void start_next(queue& x, mono_time now) {
    while (x.running < opts.connections_per_host && !x.waiting.empty()) {
      auto transfer = std::move(x.waiting.front());
      x.waiting.pop_front();
      transfer->prepare(take_handle(), opts.user_agent, now);
      auto* easy = transfer->easy();
      if (curl_multi_add_handle(multi.get(), easy) != CURLM_OK) {
        transfer->give_up("libcurl takes no further request");
        continue;
      }
      ++x.running;
      open.emplace(easy, std::move(transfer));
    }
  }

  /// @returns Whether there was any, so that others may start.
  bool finish_done() {
    auto any = false;
    auto left = 0;
    while (const auto* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      any = true;
      // Removing the handle invalidates the message.
      auto code = message->data.result;
      auto node = open.extract(message->easy_handle);
      curl_multi_remove_handle(multi.get(), node.key());
      auto& transfer = *node.mapped();
      if (transfer.follow(code, opts.user_agent,
                          std::chrono::steady_clock::now())) {
        if (curl_multi_add_handle(multi.get(), node.key()) == CURLM_OK) {
          // It goes on in the turn that it has.
          open.insert(std::move(node));
          continue;
        }
        code = CURLE_FAILED_INIT;
      }
      const auto at = queues.find(transfer.queue());
      if (--at->second.running == 0 && at->second.waiting.empty())
        queues.erase(at);
      keep_handle(transfer.finish(code));
    }
    return any;
  }

  easy_handle take_handle() {
    if (handles.empty())
      return easy_handle{curl_easy_init()};
    auto x = std::move(handles.back());
    handles.pop_back();
    return x;
  }

  void keep_handle(easy_handle x) {
    if (handles.size() < max_kept_handles)
      handles.push_back(std::move(x));
  }

  [[nodiscard]] int sleep_time(mono_time now) const {
    if (next_expiry == mono_time::max())
      return static_cast<int>(max_sleep.count());
    const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next_expiry - now);
    return static_cast<int>(std::clamp(left, 0ms, max_sleep).count());
  }

  void give_up_all() {
    for (auto& [easy, transfer] : open) {
      curl_multi_remove_handle(multi.get(), easy);
      transfer->give_up(closing_words);
    }
    open.clear();
    for (auto& [name, x] : queues)
      for (auto& transfer : x.waiting)
        transfer->give_up(closing_words);
    queues.clear();
    std::vector<transfer_ptr> rest;
    {
      const std::lock_guard lock{mutex};
      rest.swap(submitted);
    }
    for (auto& transfer : rest)
      transfer->give_up(closing_words);
  }

  options opts;
  std::unique_ptr<CURLM, multi_cleanup> multi;

  std::mutex mutex;
  std::vector<transfer_ptr> submitted; ///< Guarded by `mutex`.
  bool closing = false;                ///< Guarded by `mutex`.

  // Of the thread only.
  queue_map queues;
  std::unordered_map<CURL*, transfer_ptr> open;
  std::vector<easy_handle> handles;
  mono_time next_expiry = mono_time::max();

  std::thread thread;
};

http_client::http_client(options opts)
  : impl_(std::make_unique<impl>(std::move(opts))) {
  // nop
}

http_client::~http_client() {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->closing = true;
  }
  curl_multi_wakeup(impl_->multi.get());
  impl_->thread.join();
}

void http_client::send(http_request request, on_answer done) {
  const auto deadline = std::chrono::steady_clock::now() + request.timeout;
  auto transfer = std::make_unique<http_transfer>(std::move(request),
                                                  std::move(done), deadline);
  auto first = false;
  {
    const std::lock_guard lock{impl_->mutex};
    first = impl_->submitted.empty();
    impl_->submitted.push_back(std::move(transfer));
  }
  if (first)
    curl_multi_wakeup(impl_->multi.get());
}

} // namespace signalbox::net
