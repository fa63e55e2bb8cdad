// Failures of the pure rooms, as actors pass them on.
#pragma once

#include "messages/failure.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/string_algorithms.hpp>

#include <string>

namespace signalbox {

/// The words of a failure travel in the error's context.
inline caf::error to_error(const failure& x) {
  return caf::make_error(caf::sec::runtime_error, x.what);
}

/// The words of an error that `to_error` made; CAF's own otherwise.
inline std::string words_of(const caf::error& x) {
  if (x == caf::sec::runtime_error && x.context().match_elements<std::string>())
    return x.context().get_as<std::string>(0);
  return to_string(x);
}

} // namespace signalbox
