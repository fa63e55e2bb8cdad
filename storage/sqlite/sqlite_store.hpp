// The journal's embedded store: one SQLite file, `journal.db`, that a person
// can look into with `sqlite3`.
#pragma once

#include "storage/sqlite/connections.hpp"
#include "storage/sqlite/directory_lock.hpp"
#include "storage/sqlite/journal_files.hpp"
#include "storage/sqlite/write_commit.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::storage {

/// Each side of the store has a connection and a lock of its own, so that
/// reading never waits for writing. Only a repair takes both.
class sqlite_store final : public store {
public:
  using options = sqlite_options;

  /// Makes the directory if there is none, and keeps other engines out of it
  /// as long as the store lives.
  static result<std::unique_ptr<sqlite_store>> open(options opts);

  sqlite_store(const sqlite_store&) = delete;
  sqlite_store& operator=(const sqlite_store&) = delete;
  ~sqlite_store() override;

  [[nodiscard]] bool is_durable() const override {
    return true;
  }

  result<recovered> recover() override;
  result<written> write(const commit& x) override;
  result<reading> read(sequence from, sequence until,
                       std::size_t max_events) override;
  result<letter_page> letters(const letter_query& which) override;
  result<std::uint64_t> mark(const letter_query& which) override;
  result<std::uint64_t> purge(const letter_query& which) override;

private:
  sqlite_store(options opts, directory_lock lock);

  // One attempt each. The caller holds the lock.
  result<recovered> try_recover(bool thorough);
  result<written> try_write(const commit& x);
  result<reading> try_read(sequence from, sequence until,
                           std::size_t max_events);
  result<letter_page> try_letters(const letter_query& which);

  result<void> need_writer();
  result<void> know_totals(writer_connection& of);
  void look_at_wal();
  result<void> need_reader();
  void remember(const commit& x);

  /// Runs `attempt`, and once more after a repair if that is what it takes.
  template <class F>
  auto writing(F attempt) -> decltype(attempt());
  template <class F>
  auto reading_from(F attempt) -> decltype(attempt());

  /// Both locks are held.
  result<void> repair(const failure& why);
  result<void> make_way_for_ours(const failure& why);
  result<bool> inspect_wal();

  void find(std::string finding);
  void take_findings(std::vector<std::string>& to);

  const options opts_;
  const directory_lock lock_;
  const journal_files files_;

  std::mutex writing_; ///< Before `reading_`, where both are taken.
  std::optional<writer_connection> writer_;
  log_totals totals_;
  unsigned commits_ = 0;
  bool letters_dropped_ = false;
  bool wal_reported_ = false;
  /// What was written last, so that a repair loses nothing of it.
  std::map<std::string, position> positions_;
  std::string counters_;
  bool places_lost_ = false; ///< Since `recover`.
  sequence next_ = 0;        ///< 0 before `recover`.
  int repairs_ = 0;          ///< Since the last commit.

  std::mutex reading_;
  std::optional<reader_connection> reader_;
  std::set<std::uint64_t> reported_letters_;
  std::uint64_t generation_ = 0; ///< Of the file; a repair makes the next.

  std::mutex finding_;
  std::vector<std::string> findings_; ///< For the next answer that has some.
};

} // namespace signalbox::storage
