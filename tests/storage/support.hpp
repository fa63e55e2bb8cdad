// What the tests of the stores share.
#pragma once

#include "storage/store.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::test {

/// Where files live in memory, if there is such a place.
inline std::filesystem::path memory_or_disk() {
  std::error_code ignored;
  return std::filesystem::is_directory("/dev/shm", ignored)
           ? std::filesystem::path{"/dev/shm"}
           : std::filesystem::temp_directory_path();
}

/// A directory that goes when its name does.
class temporary_directory {
public:
  /// @param where For instance a file system in memory, which syncs at once.
  explicit temporary_directory(const std::filesystem::path& where =
                                 std::filesystem::temp_directory_path()) {
    auto pattern = (where / "signalbox-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }

  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const noexcept {
    return path_;
  }

  [[nodiscard]] std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

/// The user of the event with this number: its content says where it belongs.
inline std::string user_of(sequence n) {
  return fmt::format("user-{}", n);
}

/// A batch of events [first, end), each told by `user_of`.
inline stored_batch numbered_batch(sequence first, sequence end,
                                   std::size_t padding = 0) {
  auto batch = std::make_shared<event_batch>();
  const std::string message(padding, 'x');
  for (auto n = first; n < end; ++n) {
    auto& x = add_event(*batch, user_of(n));
    x.id = id_of(n);
    x.message = batch->keep(message);
  }
  return {first, std::move(batch)};
}

/// A commit at noon that appends events [first, end) in one batch.
inline storage::commit commit_of(sequence first, sequence end,
                                 std::size_t padding = 0) {
  storage::commit x;
  if (first < end)
    x.batches.push_back(numbered_batch(first, end, padding));
  x.next = end;
  x.now = noon;
  return x;
}

/// What there is to read of [from, until).
struct read_back {
  std::set<sequence> events;
  std::vector<sequence> damaged;
  std::vector<std::string> findings;
};

/// Reads all of it. Each event has to be where it belongs.
inline read_back read_all(storage::store& from, sequence at, sequence until) {
  read_back out;
  while (at < until) {
    auto got = from.read(at, until, 1000);
    BOOST_REQUIRE_MESSAGE(got.has_value(), got.error().what);
    const auto& piece = got->piece;
    BOOST_REQUIRE(piece.from == at);
    BOOST_REQUIRE(piece.end > at);
    BOOST_REQUIRE(piece.end <= until);
    for (const auto& batch : piece.batches) {
      auto n = batch.first;
      for (const auto& x : batch.batch->events) {
        if (x.user_id != user_of(n) || x.id != id_of(n))
          BOOST_FAIL("event " << n << " is another: " << x.user_id);
        if (n >= at && n < piece.end)
          out.events.insert(out.events.end(), n);
        ++n;
      }
    }
    out.damaged.insert(out.damaged.end(), got->damaged.begin(),
                       got->damaged.end());
    out.findings.insert(out.findings.end(), got->findings.begin(),
                        got->findings.end());
    at = piece.end;
  }
  return out;
}

/// A query with some conditions.
template <class F>
letter_query letters_with(F f) {
  letter_query x;
  f(x);
  return x;
}

/// A letter of one event.
inline dead_letter letter_of(const std::string& destination, sequence n = 1) {
  const auto batch = numbered_batch(n, n + 1);
  dead_letter x;
  x.destination = destination;
  x.reason = dead_reason::refused;
  x.answer = "404 Not Found";
  x.buried = noon;
  x.attempts = 1;
  x.history = {{noon, "404 Not Found"}};
  x.batch = batch.batch;
  x.what = batch.batch->events.data();
  return x;
}

} // namespace signalbox::test
