#include "formats/user_agent_cache.hpp"

#include <utility>

namespace signalbox {

user_agent_cache::user_agent_cache(
  std::shared_ptr<const user_agent_rules> rules)
  : rules_(std::move(rules)) {
  // nop
}

const user_agent& user_agent_cache::find(std::string_view text) {
  if (!rules_ || text.empty())
    return unknown_;
  // The rules look no further, and a key should not be larger than that.
  text = text.substr(0, user_agent_rules::longest);
  if (const auto i = young_.find(text); i != young_.end())
    return i->second;
  if (const auto i = old_.find(text); i != old_.end())
    return add(text, user_agent{i->second});
  return add(text, rules_->parse(text));
}

const user_agent& user_agent_cache::add(std::string_view text, user_agent x) {
  if (young_.size() >= most) {
    old_ = std::move(young_);
    young_.clear();
  }
  return young_.emplace(text, std::move(x)).first->second;
}

} // namespace signalbox
