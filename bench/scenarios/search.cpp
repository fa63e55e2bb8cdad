#include "bench/scenarios/search.hpp"

#include <algorithm>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

// A receive buffer of 8 MiB hides what is too much for some 50 ms.
constexpr auto length = 2s;

constexpr double first = 400'000;
constexpr double lowest = 1'000;
constexpr double smoke_test = 20'000;
constexpr double precision = 1.03;

/// Nobody loses so much by chance: there is no second try.
constexpr double hopeless = 20 * tolerated_loss;

class search {
public:
  search(const settings& opts, bool segmented, const probe& load)
    : opts_(opts), segmented_(segmented), load_(load) {
    // nop
  }

  result<double> run() {
    if (opts_.smoke)
      return holds(smoke_test).map([this](bool) { return best_; });
    // Twice as much until it is too high, or half until it is not.
    double good = 0;
    double high = 0;
    for (double rate = first; good == 0 || high == 0;
         rate = high == 0 ? 2 * rate : rate / 2) {
      if (rate < lowest)
        return fail(errc::malformed, "void: it loses events at any rate");
      const auto held = holds(rate);
      if (!held)
        return tl::unexpected(held.error());
      (*held ? good : high) = rate;
    }
    while (high > good * precision) {
      const auto middle = (good + high) / 2;
      const auto held = holds(middle);
      if (!held)
        return tl::unexpected(held.error());
      (*held ? good : high) = middle;
    }
    return best_;
  }

private:
  /// Whether so many datagrams a second are taken in; fails when that cannot be
  /// told.
  result<bool> holds(double rate) {
    auto plan =
      paced(opts_, wire_form::qlik, static_cast<std::uint64_t>(rate), length);
    plan.segmented = segmented_;
    plan.must_hold = false;
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

  const settings& opts_;
  bool segmented_;
  const probe& load_;
  double best_ = 0; ///< Events a second that were received without loss.
};

} // namespace

result<double> highest_rate(const settings& opts, bool segmented,
                            const probe& load) {
  return search{opts, segmented, load}.run();
}

} // namespace signalbox::bench
