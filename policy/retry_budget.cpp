#include "policy/retry_budget.hpp"

namespace signalbox {

bool retry_budget::try_retry(mono_time now) noexcept {
  if (ready_at(now) > now)
    return false;
  full_at_ = std::max(full_at_, now) + cost;
  return true;
}

mono_time retry_budget::ready_at(mono_time now) const noexcept {
  return std::max(now, full_at_ - (reserve - 1) * cost);
}

} // namespace signalbox
