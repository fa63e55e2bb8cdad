// Which topics an event goes to.
#pragma once

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "messages/event.hpp"
#include "messages/failure.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::mqtt {

/// `[destination.topics]`: a template for each kind of event, and `every`.
class topic_table {
public:
  topic_table() = default;

  /// Null after a mistake.
  /// @param may_be_empty Whether no topic at all is none.
  static std::optional<topic_table> read(config::section options,
                                         bool may_be_empty = false);

  /// Adds the topics of one event: its kind's, then `every`; those that are
  /// set.
  [[nodiscard]] result<void> render(std::vector<std::string>& to,
                                    const event& x) const;

private:
  static constexpr auto kinds = static_cast<std::size_t>(event_kind::count);

  std::array<std::optional<event_template>, kinds> of_kind_;
  std::optional<event_template> every_;
};

} // namespace signalbox::mqtt
