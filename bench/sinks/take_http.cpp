// RFC 9112, as far as clients of a benchmark go.
#include "bench/sinks/intake.hpp"

#include <charconv>
#include <strings.h>

namespace signalbox::bench {

namespace {

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\n"
                                    "Content-Type: application/json\r\n"
                                    "Content-Length: 2\r\n\r\n{}";
constexpr std::string_view answer_to_head = "HTTP/1.1 200 OK\r\n"
                                            "Content-Length: 0\r\n\r\n";
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// What the headers say of the body.
struct body_terms {
  std::size_t length = 0;
  bool waits = false; ///< The client sends it once it is told to go on.
};

bool has_name(std::string_view line, std::string_view name) {
  return line.size() >= name.size()
         && ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

/// Nothing if the body has a form that is not understood.
std::optional<body_terms> read_terms(std::string_view head) {
  body_terms x;
  for (std::size_t at = 0; at < head.size();) {
    const auto end = std::min(head.find("\r\n", at), head.size());
    auto line = head.substr(at, end - at);
    at = end + 2;
    if (has_name(line, "content-length:")) {
      line.remove_prefix(
        std::min(line.find_first_of("0123456789"), line.size()));
      if (std::from_chars(line.data(), line.data() + line.size(), x.length).ec
          != std::errc{})
        return std::nullopt;
    } else if (has_name(line, "transfer-encoding:")) {
      return std::nullopt;
    } else if (has_name(line, "expect:")) {
      x.waits = true;
    }
  }
  return x;
}

} // namespace

std::optional<std::size_t> take_http(std::string_view input, intake& in,
                                     std::string& answers) {
  constexpr std::string_view blank_line = "\r\n\r\n";
  std::size_t taken = 0;
  for (;;) {
    const auto rest = input.substr(taken);
    const auto head = rest.find(blank_line);
    if (head == std::string_view::npos)
      return taken;
    const auto terms = read_terms(rest.substr(0, head));
    if (!terms)
      return std::nullopt;
    const auto body = head + blank_line.size();
    if (rest.size() - body < terms->length) {
      if (terms->waits && rest.size() == body)
        answers += go_on;
      return taken;
    }
    if (rest.starts_with("HEAD ")) {
      answers += answer_to_head;
    } else {
      if (!rest.starts_with("GET "))
        in.add(rest.substr(body, terms->length));
      answers += answer;
    }
    taken += body + terms->length;
  }
}

} // namespace signalbox::bench
