// How a bridge is asked for a key: until somebody presses its button.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights::hue {

/// A bridge that is paired with.
struct bridge_address {
  std::string url; ///< "https://192.0.2.7", nothing behind the host and port.
  tls_options tls;

  /// Over https it is the new interface that the key is for.
  [[nodiscard]] bool speaks_v2() const {
    return url.starts_with("https:");
  }
};

/// Checks what a user wrote: http or https, host, port.
result<bridge_address> parse_bridge(std::string_view url);

/// Makes a name what a bridge takes for one of its apps' instances: 1 to 19
/// letters, digits, '-', '_' and '.'; others are left out.
std::string instance_name(std::string_view text);

/// Asks for a key once a second until the button was pressed or the time is
/// over. Pure: time is an argument; whoever uses it sends the requests.
class pairing {
public:
  enum class state : std::uint8_t {
    asking,
    paired, ///< There is a `key`.
    failed, ///< `words` say why.
  };

  static constexpr auto interval = std::chrono::seconds(1);

  /// @param name Who we are among the bridge's apps, an `instance_name`.
  pairing(bridge_address bridge, std::string_view name, mono_time now,
          duration patience);

  /// When to ask next; absent once it is over.
  [[nodiscard]] std::optional<mono_time> due() const;

  /// The question. After it, `hear` is to be called with its answer.
  [[nodiscard]] http_request ask(mono_time now);

  void hear(const http_answer& answer, mono_time now);

  [[nodiscard]] state where() const noexcept {
    return state_;
  }

  [[nodiscard]] const std::string& key() const noexcept {
    return key_;
  }

  /// What came of the last question, sanitised: that the button is to be
  /// pressed, that nobody answers, why it failed.
  [[nodiscard]] const std::string& words() const noexcept {
    return words_;
  }

private:
  void fail_with(std::string words);

  bridge_address bridge_;
  std::string body_;
  mono_time next_;
  mono_time end_;
  state state_ = state::asking;
  std::string key_;
  std::string words_;
};

/// A lamp that the bridge has.
struct known_lamp {
  std::string id;   ///< As in `light`: a number in v1, a UUID in v2.
  std::string name; ///< Sanitised.
};

/// Asks which lamps there are, with the new key.
http_request lamps_request(const bridge_address& bridge,
                           const std::string& key);

/// The lamps of that answer, 64 at most; none if it is not understood.
std::vector<known_lamp> lamps_of(const bridge_address& bridge,
                                 const http_answer& answer);

/// The `[[light]]` table of the first lamp, with the others in comments.
std::string config_text(const bridge_address& bridge, const std::string& key,
                        const std::vector<known_lamp>& lamps);

} // namespace signalbox::lights::hue
