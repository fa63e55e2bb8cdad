#include "net/http_client.hpp"

#include "net/http_route.hpp"
#include "net/http_sockets.hpp"
#include "net/http_transfer.hpp"
#include "net/worker_thread.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace signalbox::net {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using transfer_ptr = std::unique_ptr<http_transfer>;

/// Idle connections that are kept, over all servers.
constexpr long max_kept_connections = 128;

/// Routes that are kept, each with a few handles.
constexpr std::size_t max_routes = 32;

/// How long the thread sleeps when nothing has a deadline, and when something
/// was sent meanwhile: so it need not be woken for each deadline.
constexpr auto long_sleep = 60'000ms;
constexpr auto short_sleep = 1'000ms;

constexpr std::string_view closing_words =
  "not sent or not answered, for Signalbox is closing its connections";

void init_libcurl() {
  static const auto done = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(done);
}

/// The variables that curl heeds for HTTP.
bool environment_names_a_proxy() {
  constexpr std::array names{"http_proxy", "https_proxy", "HTTPS_PROXY",
                             "all_proxy", "ALL_PROXY"};
  return std::ranges::any_of(names, [](const char* name) {
    return std::getenv(name) != nullptr; // NOLINT(concurrency-mt-unsafe)
  });
}

/// An answer that is to be told.
struct telling {
  http_client::on_answer done;
  http_answer answer;
};

} // namespace

// What is sent goes out on the sender's own thread whenever that is possible:
// waking another one costs half of what a request does. So all but `submitted`
// is for whoever holds `work`: the client's thread, unless it waits, or a
// sender.
//
// The queues are ours rather than libcurl's: in order, with deadlines that hold
// while waiting, and each apart from the others.
struct http_client::impl {
  explicit impl(options x)
    : opts(std::move(x)),
      surroundings{opts.user_agent, environment_names_a_proxy()},
      multi((init_libcurl(), curl_multi_init())),
      sockets(multi.get()) {
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, max_kept_connections);
    thread = start_worker("http", [this] { run(); });
  }

  void run() {
    http_sockets::events room{};
    std::unique_lock working{work};
    while (work_once()) {
      const auto patience = time_to_sleep();
      asleep_until = steady_clock::now() + patience;
      tell_answers(working);
      const auto found = sockets.wait(room, patience);
      working.lock();
      sockets.work_on(found);
    }
    give_up_all();
    tell_answers(working);
  }

  void submit(transfer_ptr x) {
    {
      const std::lock_guard lock{mutex};
      submitted.push_back(std::move(x));
      // Whoever was first sees to all that follow.
      if (submitted.size() > 1)
        return;
    }
    std::unique_lock working{work, std::try_to_lock};
    if (!working) {
      sockets.wake_up();
      return;
    }
    work_once();
    const auto must_wake = next_due() < asleep_until;
    if (must_wake)
      asleep_until = mono_time::min(); // Once is enough.
    tell_answers(working);
    if (must_wake)
      sockets.wake_up();
  }

  /// Does all that can be done without waiting.
  /// @returns False when the client is closing.
  bool work_once() {
    if (!accept_submitted())
      return false;
    const auto now = steady_clock::now();
    expire_waiting(now);
    do {
      for (auto& [name, x] : queues)
        start_next(*x, now);
      sockets.work_on_timer(now);
    } while (finish_done());
    return true;
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
      const auto good = route_for(x->request()).and_then([&](auto route) {
        return x->take(std::move(route));
      });
      if (!good) {
        answer(*x, x->given_up(good.error().what));
        continue;
      }
      was_used = true;
      next_expiry = std::min(next_expiry, x->deadline());
      x->route().queue->waiting.push_back(std::move(x));
    }
    return true;
  }

  result<std::shared_ptr<http_route>> route_for(const http_request& x) {
    const auto known = std::ranges::find_if(
      routes, [&](const auto& route) { return route->fits(x); });
    if (known != routes.end()) {
      // The last used one is found first, and leaves last.
      std::rotate(routes.begin(), known, known + 1);
      return routes.front();
    }
    auto made = http_route::make(x);
    if (!made)
      return made;
    auto& route = **made;
    route.queue =
      queue_for(route.origin + '\n' + x.connect_to + '\n' + x.sender);
    // It would never fit again.
    if (!x.login && !x.connect_only)
      routes.insert(routes.begin(), *made);
    if (routes.size() > max_routes)
      routes.pop_back();
    return made;
  }

  std::shared_ptr<http_queue> queue_for(const std::string& name) {
    // Those that no route and no transfer uses any more.
    std::erase_if(queues,
                  [](const auto& x) { return x.second.use_count() == 1; });
    auto& queue = queues[name];
    if (!queue)
      queue = std::make_shared<http_queue>();
    return queue;
  }

  /// Answers those whose time is over before their turn. Looks only when the
  /// first of them is due.
  void expire_waiting(mono_time now) {
    if (now < next_expiry)
      return;
    next_expiry = mono_time::max();
    for (auto& [name, queue] : queues) {
      std::deque<transfer_ptr> kept;
      for (auto& x : queue->waiting) {
        if (x->deadline() <= now) {
          answer(*x, x->expired());
          continue;
        }
        next_expiry = std::min(next_expiry, x->deadline());
        kept.push_back(std::move(x));
      }
      queue->waiting = std::move(kept);
    }
  }

  void start_next(http_queue& queue, mono_time now) {
    while (queue.running < opts.connections_per_host
           && !queue.waiting.empty()) {
      auto x = std::move(queue.waiting.front());
      queue.waiting.pop_front();
      x->prepare(surroundings, now);
      auto* easy = x->easy();
      if (curl_multi_add_handle(multi.get(), easy) != CURLM_OK) {
        answer(*x, x->given_up("libcurl takes no further request"));
        continue;
      }
      ++queue.running;
      open.emplace(easy, std::move(x));
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
      auto& x = *node.mapped();
      if (x.follow(code, surroundings, steady_clock::now())) {
        if (curl_multi_add_handle(multi.get(), x.easy()) == CURLM_OK) {
          // It goes on in the turn that it has.
          node.key() = x.easy();
          open.insert(std::move(node));
          continue;
        }
        code = CURLE_FAILED_INIT;
      }
      --x.route().queue->running;
      answer(x, x.finish(code, opts.connections_per_host));
    }
    return any;
  }

  void answer(http_transfer& x, http_answer with) {
    answers.push_back({std::move(x.done()), std::move(with)});
  }

  /// What an answer causes must not wait for us, and may send more.
  /// @param working Is released.
  void tell_answers(std::unique_lock<std::mutex>& working) {
    auto all = std::exchange(answers, {});
    working.unlock();
    for (auto& x : all)
      x.done(std::move(x.answer));
  }

  /// When the first deadline is.
  [[nodiscard]] mono_time next_due() const {
    return std::min(next_expiry, sockets.due());
  }

  [[nodiscard]] std::chrono::milliseconds time_to_sleep() {
    const auto most = std::exchange(was_used, false) ? short_sleep : long_sleep;
    const auto now = steady_clock::now();
    const auto due = std::clamp(next_due(), now, now + most);
    return std::chrono::ceil<std::chrono::milliseconds>(due - now);
  }

  void give_up_all() {
    for (auto& [easy, x] : open) {
      curl_multi_remove_handle(multi.get(), easy);
      answer(*x, x->given_up(closing_words));
    }
    open.clear();
    for (auto& [name, queue] : queues)
      for (auto& x : std::exchange(queue->waiting, {}))
        answer(*x, x->given_up(closing_words));
    queues.clear();
    const std::lock_guard lock{mutex};
    for (auto& x : std::exchange(submitted, {}))
      answer(*x, x->given_up(closing_words));
  }

  options opts;
  http_surroundings surroundings;

  std::mutex mutex;
  std::vector<transfer_ptr> submitted; ///< Guarded by `mutex`.
  bool closing = false;                ///< Guarded by `mutex`.

  std::mutex work; ///< Taken before `mutex`; guards all below.
  multi_handle multi;
  http_sockets sockets;
  std::vector<std::shared_ptr<http_route>> routes; ///< The last used first.
  std::map<std::string, std::shared_ptr<http_queue>> queues;
  std::unordered_map<CURL*, transfer_ptr> open;
  mono_time next_expiry = mono_time::max(); ///< May be too early.
  std::vector<telling> answers;
  mono_time asleep_until; ///< The thread, unless something happens.
  bool was_used = false;  ///< Since it last fell asleep.

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
  impl_->sockets.wake_up();
  impl_->thread.join();
}

void http_client::send(http_request request, on_answer done) {
  const auto deadline = steady_clock::now() + request.timeout;
  impl_->submit(std::make_unique<http_transfer>(std::move(request),
                                                std::move(done), deadline));
}

} // namespace signalbox::net
