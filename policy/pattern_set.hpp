// The patterns for one field, of which one must hold.
#pragma once

#include "messages/failure.hpp"

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// How a field is compared.
enum class letter_case : std::uint8_t {
  exact,
  /// The patterns are folded; the text must come folded (policy/fold.hpp).
  any,
};

/// Compiled patterns; movable, immutable, safe to use from any thread.
class pattern_set {
public:
  /// @param field The field's name, for the words of a failure.
  static result<pattern_set> compile(std::string_view field,
                                     const std::vector<std::string>& patterns,
                                     letter_case mode);

  [[nodiscard]] bool empty() const noexcept {
    return exact_.empty() && globs_.empty() && expressions_.empty();
  }

  /// Whether one of the patterns holds. An expression may match anywhere in
  /// the text; exact text and globs describe all of it.
  [[nodiscard]] bool holds(std::string_view text) const;

private:
  [[nodiscard]] bool holds_exactly(std::string_view text) const;

  std::vector<std::string> exact_; ///< Sorted.
  std::vector<std::string> globs_;
  std::vector<std::unique_ptr<const re2::RE2>> expressions_;
};

} // namespace signalbox
