#include "config/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace signalbox::config {

namespace {

/// Names longer than this are no slips of ours; bounds the work.
constexpr std::size_t max_length = 64;

bool same(char a, char b) {
  auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return lower(a) == lower(b);
}

/// Edits between two words: letters inserted, removed, replaced, or swapped
/// with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replaced = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2])
          && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

} // namespace

std::string_view closest(std::string_view wrong,
                         std::span<const std::string_view> known) {
  if (wrong.size() > max_length)
    return {};
  std::string_view best;
  auto best_edits = max_length;
  for (auto name : known) {
    auto edits = distance(wrong, name);
    // One edit for every three letters still looks like the same word.
    if (edits * 3 <= std::max(wrong.size(), name.size())
        && edits < best_edits) {
      best = name;
      best_edits = edits;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view wrong,
                         std::span<const std::string_view> known) {
  auto name = closest(wrong, known);
  if (name.empty())
    return {};
  return ", did you mean '" + std::string{name} + "'?";
}

} // namespace signalbox::config
