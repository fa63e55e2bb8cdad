// One HTTP request on its way through libcurl; of use to http_client only.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "messages/failure.hpp"
#include "net/http_client.hpp"
#include "net/http_route.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::net {

/// A request, what came of it so far, and whom to tell.
class http_transfer final : private http_listener {
public:
  /// @param deadline Until when the answer is due.
  http_transfer(http_request request, http_client::on_answer done,
                mono_time deadline);

  [[nodiscard]] const http_request& request() const {
    return request_;
  }

  /// Which way it goes; to be called before all below. Fails on what the route
  /// does not vouch for.
  result<void> take(std::shared_ptr<http_route> route);

  [[nodiscard]] http_route& route() const {
    return *route_;
  }

  /// Gets ready to be added to a multi handle. `this` must not move until
  /// `finish`.
  void prepare(const http_surroundings& surroundings, mono_time now);

  /// Gets ready to be added once more, as after `prepare`, if the answer leads
  /// where the request may follow.
  /// @param code How the transfer ended.
  /// @returns False when the answer is final: `finish` tells it.
  bool follow(CURLcode code, const http_surroundings& surroundings,
              mono_time now);

  /// What came of it, or why nothing did. Its handle is used again by requests
  /// of its route, unless something went wrong or there are enough.
  /// @param most Handles that a route keeps.
  http_answer finish(CURLcode code, std::size_t most);

  /// An answer that is an error; `words` follow the origin.
  [[nodiscard]] http_answer given_up(std::string_view words) const;

  /// The answer that the time is over before the request could be sent.
  [[nodiscard]] http_answer expired() const;

  /// To be told in the end.
  [[nodiscard]] http_client::on_answer& done() {
    return done_;
  }

  [[nodiscard]] mono_time deadline() const {
    return deadline_;
  }

  [[nodiscard]] CURL* easy() const {
    return handle_->easy();
  }

private:
  std::size_t take_body(std::string_view piece) override;
  void take_header(std::string_view line) override;

  [[nodiscard]] std::chrono::milliseconds time_left(mono_time now) const;
  /// The answer's status; 0 if there is none.
  [[nodiscard]] int status_after(CURLcode code) const;
  /// The URL that the answer leads to, or why it is not followed.
  [[nodiscard]] result<std::string> redirect_target(int status) const;
  [[nodiscard]] std::string words_for(CURLcode code) const;

  http_request request_;
  http_client::on_answer done_;
  mono_time deadline_;
  std::shared_ptr<http_route>
    route_; ///< Before the handle, which refers to it.
  std::unique_ptr<http_handle> handle_;
  http_answer answer_;
  std::string location_;  ///< The answer's header, if it may be followed.
  bool cut_ = false;      ///< The answer's body was longer than we read.
  bool followed_ = false; ///< This is what a redirect led to.
};

} // namespace signalbox::net
