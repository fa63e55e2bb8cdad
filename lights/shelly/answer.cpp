#include "lights/shelly/answer.hpp"

#include "lights/answers.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::lights::shelly {

namespace {

constexpr std::size_t max_words = 120; // Shelly's own are shorter

// Shelly's "Common errors"; 404 stands for a method that is not there.
constexpr std::int64_t invalid_argument = -103;
constexpr std::int64_t deadline_exceeded = -104;
constexpr std::int64_t not_found = -105;
constexpr std::int64_t resource_exhausted = -108;
constexpr std::int64_t unavailable = -114;
constexpr std::int64_t no_handler = 404;

verdict judge_error(std::int64_t code, std::string_view message,
                    const component& part) {
  const auto words =
    fmt::format("error {}, {}", code, one_line(message, max_words));
  switch (code) {
  case not_found:
  case no_handler:
    return not_yet(fmt::format(
      "the Shelly has no {} ({}): set component to what it has, as its page "
      "/rpc/Shelly.GetStatus shows",
      part.name(), words));
  case invalid_argument:
    return not_yet(fmt::format(
      "the Shelly does not take what {} is told ({}): update its firmware, or "
      "choose another component",
      part.name(), words));
  case deadline_exceeded:
  case resource_exhausted:
  case unavailable: {
    verdict x;
    x.what = outcome::retry;
    x.reason = fmt::format("the Shelly is busy ({})", words);
    return x;
  }
  default:
    return not_yet(
      fmt::format("the Shelly refuses {} ({})", part.method(), words));
  }
}

verdict judge_result(std::string_view body, const component& part) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::object error;
  if (parser.parse(body.data(), body.size()).get(document)
      == simdjson::SUCCESS) {
    if (document["error"].get(error) == simdjson::SUCCESS) {
      std::int64_t code = 0;
      std::string_view message;
      if (error["code"].get(code) != simdjson::SUCCESS)
        code = 0;
      if (error["message"].get(message) != simdjson::SUCCESS)
        message = "without a message";
      return judge_error(code, message, part);
    }
    if (document["result"].error() == simdjson::SUCCESS)
      return {};
  }
  return not_yet("the answer is not that of a Shelly's /rpc: check url");
}

} // namespace

verdict judge(const http_answer& answer, const component& part,
              bool has_password, wall_time now) {
  switch (answer.status) {
  case 200:
    return judge_result(answer.body, part);
  case 401:
    return owners_fault(
      has_password
        ? "the Shelly refuses this password (HTTP 401): set user (it is "
          "admin) and password as in its settings"
        : "the Shelly asks for a password (HTTP 401): set password, or "
          "password_file");
  case 404:
    return not_yet("there is no /rpc at this url (HTTP 404): is it a "
                   "Shelly of the second generation or later, and the "
                   "url without a path?");
  default:
    return judge_answer(answer, now);
  }
}

} // namespace signalbox::lights::shelly
