// SQLite, as far as the store needs it: connections and statements that close
// themselves, and errors as values.
//
// The kind of a failure says what to do about it: `errc::malformed` is a file
// that is damaged and can be repaired, `errc::full` a lack of room,
// `errc::file` a medium that refuses.
#pragma once

#include "messages/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace signalbox::storage {

/// Bytes that are no text, for binding.
struct blob_view {
  std::string_view bytes;
};

class statement;

/// What a statement answers, row by row. The statement is free again when this
/// is gone, so keep it no longer than needed.
class rows {
public:
  explicit rows(const statement* from) : from_(from) {
    // nop
  }

  rows(rows&& other) noexcept;
  rows(const rows&) = delete;
  rows& operator=(const rows&) = delete;
  rows& operator=(rows&&) = delete;
  ~rows();

  /// Moves to the next row; false behind the last.
  result<bool> next();

  [[nodiscard]] std::uint64_t number(int column) const;

  /// Text or a blob; valid until `next`.
  [[nodiscard]] std::string_view text(int column) const;

private:
  friend class statement;

  const statement* from_;
};

/// A prepared statement, to be used over and over. Belongs to the thread of its
/// connection, which must outlive it.
class statement {
public:
  statement() = default;

  /// Binds all parameters, and runs to the end. Text need not outlive the call.
  template <class... Ts>
  result<void> run(const Ts&... xs) {
    bind_all(xs...);
    return finish();
  }

  /// Binds all parameters. Text must outlive the answer.
  template <class... Ts>
  rows query(const Ts&... xs) {
    bind_all(xs...);
    return rows{this};
  }

  /// Binds what stands in the current row of another statement.
  result<void> run_with(const rows& from, int columns);

  /// For statements whose parameters are known only at run time.
  void bind(int at, std::uint64_t x);
  void bind(int at, std::string_view x);
  void bind(int at, blob_view x);
  rows query_bound() {
    return rows{this};
  }
  result<void> run_bound() {
    return finish();
  }

private:
  friend class database;
  friend class rows;

  struct finalizer {
    void operator()(sqlite3_stmt* x) const noexcept;
  };

  template <class... Ts>
  void bind_all(const Ts&... xs) {
    int at = 0;
    (bind_any(++at, xs), ...);
  }

  template <class T>
  void bind_any(int at, const T& x) {
    if constexpr (std::is_integral_v<T>)
      bind(at, static_cast<std::uint64_t>(x));
    else if constexpr (std::is_same_v<T, blob_view>)
      bind(at, x);
    else
      bind(at, std::string_view{x});
  }

  result<void> finish();

  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
  std::string path_;
};

/// Calls `f` with each row until it fails.
template <class F>
result<void> for_each(rows answer, F f) {
  for (;;) {
    const auto more = answer.next();
    if (!more)
      return tl::unexpected(more.error());
    if (!*more)
      return {};
    if (result<void> done = f(std::as_const(answer)); !done)
      return done;
  }
}

/// One connection; for one thread at a time.
class database {
public:
  enum class access : std::uint8_t { read_only, read_write };

  /// Opens a file that is there. Nothing of it is read yet.
  static result<database> open(const std::string& path, access how);

  /// Runs statements that answer nothing.
  result<void> exec(const std::string& sql);

  result<statement> prepare(std::string_view sql);

  /// Prepares several statements, each into its place.
  result<void>
  prepare(std::initializer_list<std::pair<statement*, std::string_view>> all);

  /// The number in the first row of the answer; 0 when there is none.
  result<std::uint64_t> number(std::string_view sql);

  /// Rows that the last statement changed.
  [[nodiscard]] std::uint64_t changes() const;

  [[nodiscard]] bool in_transaction() const;

  /// Whether the last connection that closes puts the write-ahead log into the
  /// database and removes it; it does unless told otherwise.
  void checkpoint_on_close(bool x);

  [[nodiscard]] const std::string& path() const noexcept {
    return path_;
  }

private:
  struct closer {
    void operator()(sqlite3* x) const noexcept;
  };

  std::unique_ptr<sqlite3, closer> handle_;
  std::string path_;
};

/// All of a transaction, or nothing: rolled back unless committed.
class transaction {
public:
  /// Takes the lock for writing at once.
  static result<transaction> begin(database& db);

  transaction(transaction&& other) noexcept;
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  transaction& operator=(transaction&&) = delete;
  ~transaction();

  result<void> commit();

private:
  explicit transaction(database& db) : db_(&db) {
    // nop
  }

  database* db_;
};

} // namespace signalbox::storage
