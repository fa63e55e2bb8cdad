// One HTTP request on its way through libcurl; of use to http_client only.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "messages/failure.hpp"
#include "net/http_client.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::net {

struct easy_cleanup {
  void operator()(CURL* x) const noexcept {
    curl_easy_cleanup(x);
  }
};

struct slist_cleanup {
  void operator()(curl_slist* x) const noexcept {
    curl_slist_free_all(x);
  }
};

using easy_handle = std::unique_ptr<CURL, easy_cleanup>;
using header_list = std::unique_ptr<curl_slist, slist_cleanup>;

/// What may be told of a URL: "https://host:443", without user, password, path
/// and query, each of which can be a secret. Fails on what libcurl cannot use.
result<std::string> origin_of(const std::string& url);

/// A request, what came of it so far, and whom to tell.
class http_transfer {
public:
  /// @param deadline Until when the answer is due.
  http_transfer(http_request request, http_client::on_answer done,
                mono_time deadline);

  /// Checks the request; to be called before all below.
  result<void> check();

  /// Gets ready to be added to a multi handle. `this` must not move until
  /// `finish`.
  void prepare(easy_handle easy, const std::string& user_agent, mono_time now);

  /// Gets ready to be added once more, as after `prepare`, if the answer leads
  /// where the request may follow.
  /// @param code How the transfer ended.
  /// @returns False when the answer is final: `finish` tells it.
  bool follow(CURLcode code, const std::string& user_agent, mono_time now);

  /// Answers with what came of it, or why nothing did, and hands the easy
  /// handle back.
  easy_handle finish(CURLcode code);

  /// Answers with an error; `words` follow the origin.
  void give_up(std::string_view words);

  /// Answers that the time is over before the request could be sent.
  void expire();

  [[nodiscard]] mono_time deadline() const {
    return deadline_;
  }

  /// With whom it takes turns: its sender's other requests to the same server.
  [[nodiscard]] const std::string& queue() const {
    return queue_;
  }

  [[nodiscard]] CURL* easy() const {
    return easy_.get();
  }

private:
  /// libcurl's callbacks; the last argument is the transfer.
  static std::size_t on_body(char* data, std::size_t, std::size_t, void*);
  static std::size_t on_header(char* data, std::size_t, std::size_t, void*);

  void prepare_request(const std::string& user_agent);
  void prepare_tls();
  /// The answer's status; 0 if there is none.
  [[nodiscard]] int status_after(CURLcode code) const;
  /// The URL that the answer leads to, or why it is not followed.
  [[nodiscard]] result<std::string> redirect_target(int status) const;
  /// Whom errors are about: the origin, and where it was looked for.
  [[nodiscard]] std::string shown_origin() const;
  [[nodiscard]] std::string words_for(CURLcode code) const;

  http_request request_;
  http_client::on_answer done_;
  mono_time deadline_;
  std::string origin_;
  std::string queue_;
  easy_handle easy_;
  header_list headers_;
  header_list connect_to_;
  http_answer answer_;
  std::string location_;  ///< The answer's header, if it may be followed.
  bool cut_ = false;      ///< The answer's body was longer than we read.
  bool followed_ = false; ///< This is what a redirect led to.
};

} // namespace signalbox::net
