// Where dead letters are looked at and changed: at a running engine, or in the
// store of one that does not run.
#pragma once

#include "actors/letter_params.hpp"
#include "cli/admin_client.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::cli {

/// Dead letters as JSON texts, by id.
struct letter_list {
  std::uint64_t total = 0; ///< That match, `limit` apart.
  std::vector<std::string> letters;
};

class letter_desk {
public:
  virtual ~letter_desk() = default;

  /// Fails with `errc::usage` on parameters that are not understood.
  virtual result<letter_list> list(letter_params which,
                                   std::uint32_t limit) = 0;
  virtual result<std::uint64_t> retry(const letter_params& which) = 0;
  virtual result<std::uint64_t> purge(const letter_params& which) = 0;

  /// Whether letters are sent again right now, or by the next start only.
  [[nodiscard]] virtual bool is_running() const = 0;
};

struct letter_desk_options {
  engine_options engine;
  std::string data_dir; ///< Look into this store, whatever else is said.
};

/// The engine, if it answers; else its store, if that is free. Fails with
/// `errc::bad_config` and no words when the configuration was found wanting.
result<std::unique_ptr<letter_desk>>
open_letters(const letter_desk_options& options);

} // namespace signalbox::cli
