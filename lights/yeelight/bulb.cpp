#include "lights/yeelight/bulb.hpp"

#include "policy/plain_text.hpp"

#include <simdjson.h>

#include <chrono>
#include <utility>

namespace signalbox::lights::yeelight {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Look-up, ARP and connection in one; a lamp whose Wi-Fi sleeps takes its time.
constexpr milliseconds connect_patience{1'000};
constexpr milliseconds answer_patience{400};
constexpr std::size_t max_words = 80; // Yeelight's are shorter

/// Of a command; ours begin with 1.
std::int64_t id_of(std::string_view line) {
  const simdjson::padded_string text{line};
  simdjson::dom::parser parser;
  std::int64_t id = 0;
  if (parser.parse(text)["id"].get(id) != simdjson::SUCCESS)
    return 0;
  return id;
}

} // namespace

reply read_reply(std::string_view line, std::int64_t id) {
  const simdjson::padded_string text{line};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::int64_t answers = 0;
  if (parser.parse(text).get(root) != simdjson::SUCCESS
      || root["id"].get(answers) != simdjson::SUCCESS || answers != id)
    return {};
  simdjson::dom::element error;
  if (root["error"].get(error) != simdjson::SUCCESS)
    return {.ours = true};
  std::string_view words;
  if (error["message"].get(words) != simdjson::SUCCESS)
    words = "an error without words";
  return {.ours = true, .error = one_line(words, max_words)};
}

bulb::bulb(lamp_address where) : where_(std::move(where)) {
  // nop
}

write_answer bulb::write(const write_request& request) {
  const auto kept = lines_.has_value();
  auto heard = ask(request.bytes);
  // The lamp may have closed a connection that was quiet for long.
  if (!heard && kept)
    heard = ask(request.bytes);
  if (!heard)
    return {.error = heard.error().what
                     + "; is it switched on, and is LAN control on (Yeelight's "
                       "app, settings of the lamp)?"};
  if (heard->error.empty())
    return {};
  return {.error = std::string{lamp_says} + heard->error};
}

result<reply> bulb::ask(const std::string& line) {
  if (!lines_) {
    auto opened = net::line_connection::open(
      where_.host, where_.port, steady_clock::now() + connect_patience);
    if (!opened)
      return tl::unexpected{opened.error()};
    lines_ = std::move(*opened);
  }
  const auto deadline = steady_clock::now() + answer_patience;
  if (auto sent = lines_->send(line, deadline); !sent) {
    lines_.reset();
    return tl::unexpected{sent.error()};
  }
  const auto id = id_of(line);
  for (;;) {
    const auto got = lines_->read_line(deadline);
    if (!got) {
      lines_.reset();
      return tl::unexpected{got.error()};
    }
    if (auto x = read_reply(*got, id); x.ours)
      return x;
  }
}

} // namespace signalbox::lights::yeelight
