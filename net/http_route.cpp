#include "net/http_route.hpp"

#include "net/http_transfer.hpp"

#include <algorithm>
#include <cctype>

namespace signalbox::net {

namespace {

/// Whether `x` is a token of RFC 9110, section 5.6.2.
bool is_token(std::string_view x) {
  return !x.empty() && std::all_of(x.begin(), x.end(), [](unsigned char c) {
    return std::isalnum(c) != 0
           || std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c))
                != std::string_view::npos;
  });
}

} // namespace

result<std::shared_ptr<http_route>> http_route::make(const http_request& like) {
  auto url = parse_url(like.url);
  if (!url)
    return tl::unexpected{std::move(url.error())};
  auto x = std::make_shared<http_route>();
  x->origin = origin_of(*url);
  x->url = std::move(*url);
  x->like = like;
  x->like.body.clear();
  if (!is_token(like.method))
    return fail(errc::bad_config,
                x->shown_origin() + ": the method is not an HTTP method");
  for (const auto& [name, value] : like.headers)
    if (!is_token(name))
      return fail(errc::bad_config,
                  x->shown_origin() + ": a header's name is not valid");
  return x;
}

bool http_route::fits(const http_request& x) const {
  const auto same_name = [](const auto& a, const auto& b) {
    return a.first == b.first;
  };
  return x.url == like.url && x.sender == like.sender && x.method == like.method
         && x.connect_to == like.connect_to && x.tls == like.tls
         && x.max_answer == like.max_answer && x.direct == like.direct
         && x.connect_only == like.connect_only
         && x.follow_redirect == like.follow_redirect && !x.login && !like.login
         && std::ranges::equal(x.headers, like.headers, same_name);
}

std::string http_route::shown_origin() const {
  return like.connect_to.empty() ? origin : origin + " at " + like.connect_to;
}

} // namespace signalbox::net
