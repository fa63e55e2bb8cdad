#include "lights/discovery/search.hpp"
#include "net/dns_sd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace signalbox::lights {

namespace {

using net::service_instance;

bool is_ipv4(const endpoint& x) {
  return address_text(x).find(':') == std::string::npos;
}

bool is_link_local(const endpoint& x) {
  return x.address[0] == 0xfe && (x.address[1] & 0xc0) == 0x80;
}

/// The address to use: IPv4 first, as most lamps know nothing else. One that
/// needs a zone is of no use in a URL. Empty: there is none.
std::string best_address(const service_instance& x) {
  const auto v4 = std::ranges::find_if(x.addresses, is_ipv4);
  if (v4 != x.addresses.end())
    return address_text(*v4);
  const auto v6 = std::ranges::find_if_not(x.addresses, is_link_local);
  return v6 == x.addresses.end() ? std::string{}
                                 : "[" + address_text(*v6) + "]";
}

std::string url_of(std::string_view scheme, const service_instance& x) {
  const auto usual = scheme == "https" ? 443 : 80;
  return fmt::format("{}://{}{}", scheme, best_address(x),
                     x.port == usual ? "" : fmt::format(":{}", x.port));
}

/// A stranger's value, or nothing if it is not there.
std::string txt(const service_instance& x, const std::string& key) {
  const auto i = x.txt.find(key);
  return i == x.txt.end() ? std::string{} : i->second;
}

bool is_hex(std::string_view text) {
  return !text.empty()
         && text.find_first_not_of("0123456789abcdefABCDEF")
              == std::string_view::npos;
}

/// TXT: bridgeid, modelid. The first bridges (BSB001) speak plain HTTP only.
void describe_hue(const service_instance& x, finding& out) {
  const auto url = url_of(x.port == 80 ? "http" : "https", x);
  out.what = "Hue bridge " + txt(x, "modelid");
  out.settings.push_back({"url", url});
  if (x.port == 80)
    out.settings.push_back({"api", "v1"});
  if (const auto id = txt(x, "bridgeid"); id.size() == 16 && is_hex(id))
    out.settings.push_back({"bridge_id", id});
  out.settings.push_back(
    {"key", "\"...\" (printed by the command above)", true});
  out.settings.push_back({"light", "\"...\" (one table for each lamp)", true});
  out.remarks.push_back("Get a key first: signalbox lights pair hue --url "
                        + url);
}

void describe_wled(const service_instance& x, finding& out) {
  out.what = "WLED";
  out.settings.push_back({"url", url_of("http", x)});
}

/// TXT: md, the model. The usual port is 16021, and always part of the URL.
void describe_nanoleaf(const service_instance& x, finding& out) {
  const auto url = url_of("http", x);
  out.what = "Nanoleaf " + txt(x, "md");
  out.settings.push_back({"url", url});
  out.settings.push_back({"token", "\"...\" (auth_token in the answer)", true});
  out.remarks.push_back(
    fmt::format("Get a token first: hold its power button for 7 s, then within "
                "30 s: curl -X POST {}/api/v1/new",
                url));
}

/// TXT: gen, from 2 on, and app, the model (shelly-api-docs.shelly.cloud,
/// gen2, mDNS). The first generation does not announce this service.
void describe_shelly(const service_instance& x, finding& out) {
  out.what =
    fmt::format("Shelly {} (generation {})", txt(x, "app"), txt(x, "gen"));
  out.settings.push_back({"url", url_of("http", x)});
  out.settings.push_back({"password", "\"...\" (if it has one)", true});
  out.remarks.emplace_back(
    "Not every Shelly is a lamp; 'component' says which part of it, rgb:0 "
    "unless told");
}

struct announced_lamp {
  std::string_view type;
  std::string_view driver;
  void (*describe)(const service_instance& x, finding& out);
};

constexpr std::array lamps{
  announced_lamp{"_hue._tcp", "hue", describe_hue},
  announced_lamp{"_wled._tcp", "wled", describe_wled},
  announced_lamp{"_nanoleafapi._tcp", "nanoleaf", describe_nanoleaf},
  announced_lamp{"_shelly._tcp", "shelly", describe_shelly},
};

constexpr auto types = [] {
  std::array<std::string_view, lamps.size()> xs;
  std::ranges::transform(lamps, xs.begin(), &announced_lamp::type);
  return xs;
}();

class mdns_search final : public search {
public:
  explicit mdns_search(search_id id)
    : browser_(types, static_cast<std::uint16_t>(id | 1U)) {
    // nop
  }

  [[nodiscard]] net::audience to() const override {
    return browser_.to();
  }

  std::vector<std::string> questions(unsigned round) override {
    return browser_.questions(round);
  }

  void hear(const endpoint& from, std::string_view bytes) override {
    browser_.hear(from, bytes);
  }

  [[nodiscard]] std::vector<finding> found() const override {
    std::vector<finding> out;
    for (const auto& x : browser_.instances()) {
      const auto* lamp =
        std::ranges::find(lamps, x.type, &announced_lamp::type);
      const auto address = best_address(x);
      if (lamp == lamps.end() || address.empty())
        continue;
      finding one{.driver = std::string{lamp->driver},
                  .name = x.name,
                  .what = {},
                  .where = address,
                  .settings = {},
                  .remarks = {}};
      lamp->describe(x, one);
      one.what += fmt::format(" '{}'", x.name);
      out.push_back(std::move(one));
    }
    return out;
  }

private:
  net::service_browser browser_;
};

} // namespace

search_ptr make_mdns_search(search_id id) {
  return std::make_unique<mdns_search>(id);
}

} // namespace signalbox::lights
