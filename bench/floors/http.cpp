#include "bench/floors/delivery.hpp"

#include <curl/curl.h>

#include <memory>
#include <thread>

namespace signalbox::bench {

namespace {

struct cleanup {
  void operator()(CURL* x) const noexcept {
    curl_easy_cleanup(x);
  }
};

std::size_t ignore(char*, std::size_t, std::size_t length, void*) {
  return length;
}

class poster {
public:
  explicit poster(const http_floor& what, std::uint16_t port)
    : what_(what),
      multi_((curl_global_init(CURL_GLOBAL_DEFAULT), curl_multi_init())) {
    for (const auto& x : what.headers)
      headers_ = curl_slist_append(headers_, x.c_str());
    const auto url = "http://127.0.0.1:" + std::to_string(port) + "/";
    for (std::size_t i = 0; i < what.concurrency; ++i) {
      auto* x = all_.emplace_back(curl_easy_init()).get();
      curl_easy_setopt(x, CURLOPT_URL, url.c_str());
      curl_easy_setopt(x, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(x, CURLOPT_HTTPHEADER, headers_);
      curl_easy_setopt(x, CURLOPT_WRITEFUNCTION, &ignore);
      idle_.push_back(x);
    }
  }

  ~poster() {
    all_.clear();
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }

  poster(const poster&) = delete;
  poster& operator=(const poster&) = delete;

  /// Returns what has failed, or an empty text.
  std::string post(const delivery_plan& plan) {
    const pace rhythm{plan};
    std::uint64_t sent = 0;
    for (std::uint64_t done = 0; done < plan.count && failure_.empty();) {
      const auto due = rhythm.due();
      for (; sent < due && !idle_.empty(); ++sent)
        start(what_.bodies[sent % what_.bodies.size()]);
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (const auto finished = finish(); finished > 0)
        done += finished;
      else if (running > 0)
        curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
      else // The next burst is nearer than a millisecond.
        std::this_thread::sleep_for(rhythm.rest());
    }
    return failure_;
  }

private:
  void start(const std::string& body) {
    auto* x = idle_.back();
    idle_.pop_back();
    curl_easy_setopt(x, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(x, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_multi_add_handle(multi_, x);
  }

  /// Returns how many requests have been answered.
  std::uint64_t finish() {
    std::uint64_t n = 0;
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      if (message->data.result != CURLE_OK)
        failure_ = curl_easy_strerror(message->data.result);
      auto* x = message->easy_handle;
      curl_multi_remove_handle(multi_, x);
      idle_.push_back(x);
      ++n;
    }
    return n;
  }

  const http_floor& what_;
  CURLM* multi_;
  curl_slist* headers_ = nullptr;
  std::vector<std::unique_ptr<CURL, cleanup>> all_;
  std::vector<CURL*> idle_;
  std::string failure_;
};

} // namespace

result<delivery_cost> run_floor(const http_floor& what,
                                const delivery_plan& plan) {
  return measure_apart([&](const auto& ready) {
    poster mine{what, plan.port};
    // The first requests connect, which is not counted.
    auto connecting = plan;
    connecting.count = what.concurrency;
    connecting.rate = 0;
    if (auto failure = mine.post(connecting); !failure.empty())
      return failure;
    ready();
    return mine.post(plan);
  });
}

} // namespace signalbox::bench
