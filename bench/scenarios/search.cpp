#include "bench/scenarios/search.hpp"

#include <algorithm>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

// A receive buffer of 8 MiB hides what is too much for some 50 ms.
constexpr auto length = 2s;

constexpr std::uint64_t first = 100'000;
constexpr std::uint64_t smoke_test = 20'000;
constexpr double precision = 1.03;

/// Nobody loses so much by chance: there is no second try.
constexpr double hopeless = 20 * tolerated_loss;

class search {
public:
  search(const settings& opts, const probe& load) : opts_(opts), load_(load) {
    // nop
  }

  /// Whether the rate is held; fails when it cannot be told.
  result<bool> holds(std::uint64_t rate) {
    auto plan = paced(opts_, wire_form::qlik, rate, length);
    plan.segmented = true;
    for (int i = 0; i < 2; ++i) {
      const auto got = load_(plan);
      if (!got)
        return tl::unexpected(got.error());
      if (got->lost_share() >= hopeless)
        return false;
      if (got->lost_share() >= tolerated_loss)
        continue;
      best_ = std::max(best_, got->events_per_second());
      if (held_pace(plan, got->load))
        return true;
    }
    return false;
  }

  [[nodiscard]] double best() const noexcept {
    return best_;
  }

private:
  const settings& opts_;
  const probe& load_;
  double best_ = 0;
};

} // namespace

result<double> highest_rate(const settings& opts, const probe& load) {
  search all{opts, load};
  if (opts.smoke)
    return all.holds(smoke_test).map([&](bool) { return all.best(); });
  auto low = first;
  result<bool> holds = all.holds(low);
  while (holds && *holds) {
    low *= 2;
    holds = all.holds(low);
  }
  auto high = static_cast<double>(low);
  auto good = high / 2;
  while (holds && high > good * precision) {
    const auto middle = (good + high) / 2;
    holds = all.holds(static_cast<std::uint64_t>(middle));
    (holds && *holds ? good : high) = middle;
  }
  if (!holds)
    return tl::unexpected(holds.error());
  return all.best();
}

} // namespace signalbox::bench
