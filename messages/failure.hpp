// Errors as values: what every fallible function of every room returns.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

/// The kind of a failure; `failure::what` carries the words for the user.
enum class errc : std::uint8_t {
  /// The configuration is invalid.
  bad_config,
  /// The feature is known but not part of this version.
  not_available,
  /// A file or directory could not be read, written or created.
  file,
  /// A socket could not be created, bound or tuned.
  socket,
  /// A name did not resolve, or a peer refused or dropped the connection.
  network,
  /// The bytes are not what their format promises.
  malformed,
  /// No room is left: a bound was reached.
  full,
  /// The command line is invalid.
  usage,
  /// Number of kinds; no failure has it.
  count,
};

/// The name of a kind as it appears in logs, for example "bad_config".
std::string_view to_string(errc kind) noexcept;

/// Why something did not work, in words a user can act on: what, where, and
/// what to do.
struct failure {
  errc kind = errc::malformed;
  std::string what;
};

/// A value or the reason why there is none.
template <class T>
using result = tl::expected<T, failure>;

/// Makes the failing side of any `result`.
inline tl::unexpected<failure> fail(errc kind, std::string what) {
  return tl::unexpected<failure>(failure{kind, std::move(what)});
}

} // namespace signalbox
