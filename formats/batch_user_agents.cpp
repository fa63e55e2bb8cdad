#include "formats/batch_user_agents.hpp"

#include <utility>

namespace signalbox {

batch_user_agents::batch_user_agents(
  std::shared_ptr<const user_agent_rules> rules)
  : cache_(std::move(rules)) {
  // nop
}

batch_user_agents::names batch_user_agents::find(std::string_view text,
                                                 event_batch& out) {
  if (text.empty())
    return {};
  for (std::size_t i = 0; i < size_; ++i)
    if (recent_[i].text == text)
      return recent_[i].known;
  const auto& x = cache_.find(text);
  const names known{out.keep(x.browser), out.keep(x.browser_major),
                    out.keep(x.os), out.keep(x.os_version)};
  next_ = size_ < recent_.size() ? size_++ : (next_ + 1) % recent_.size();
  recent_[next_] = {text, known};
  return known;
}

} // namespace signalbox
