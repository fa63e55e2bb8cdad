#include "storage/sqlite/database.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <sqlite3.h>
#include <system_error>
#include <utility>

namespace signalbox::storage {

namespace {

/// How long a person's `sqlite3` may hold the file before we give up, in
/// milliseconds.
constexpr int patience = 2000;

std::string words_of(sqlite3* db, int code) {
  std::string words = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const auto number = db != nullptr ? sqlite3_system_errno(db) : 0;
  const auto kind = code & 0xff;
  if (number != 0 && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN))
    words += ": " + std::generic_category().message(number);
  return words;
}

bool out_of_room(sqlite3* db, int code) {
  if ((code & 0xff) == SQLITE_FULL)
    return true;
  if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN)
    return false;
  const auto number = db != nullptr ? sqlite3_system_errno(db) : 0;
  return number == ENOSPC || number == EDQUOT;
}

/// Our statements are right, so that a file that they do not fit is not as we
/// made it.
bool is_damage(int code) {
  switch (code & 0xff) {
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_ERROR:
  case SQLITE_SCHEMA:
  case SQLITE_MISMATCH:
  case SQLITE_CONSTRAINT:
  case SQLITE_RANGE:
  case SQLITE_TOOBIG:
  case SQLITE_FORMAT:
    return true;
  default:
    return code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ
           || code == SQLITE_IOERR_CORRUPTFS;
  }
}

tl::unexpected<failure> failed(sqlite3* db, int code, const std::string& path) {
  const auto words = words_of(db, code);
  if (out_of_room(db, code))
    return fail(
      errc::full,
      fmt::format("no room for '{}' ({}): make room on its disk", path, words));
  if (is_damage(code))
    return fail(errc::malformed,
                fmt::format("'{}' is damaged ({})", path, words));
  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return fail(errc::file, fmt::format("'{}' is held by another program "
                                        "({}): close it there",
                                        path, words));
  case SQLITE_READONLY:
    return fail(errc::file,
                fmt::format("cannot write to '{}' ({}): give the engine a "
                            "directory that it may write to",
                            path, words));
  default:
    return fail(errc::file,
                fmt::format("cannot use '{}' ({}): check the disk and the "
                            "rights of its directory",
                            path, words));
  }
}

} // namespace

// -- rows ---------------------------------------------------------------------

rows::rows(rows&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {
  // nop
}

rows::~rows() {
  if (from_ != nullptr)
    sqlite3_reset(from_->handle_.get());
}

result<bool> rows::next() {
  auto* handle = from_->handle_.get();
  const auto code = sqlite3_step(handle);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  auto* db = sqlite3_db_handle(handle);
  return failed(db, sqlite3_extended_errcode(db), from_->path_);
}

std::uint64_t rows::number(int column) const {
  return static_cast<std::uint64_t>(
    sqlite3_column_int64(from_->handle_.get(), column));
}

std::string_view rows::text(int column) const {
  // In this order, so that the length is that of what is pointed to.
  auto* handle = from_->handle_.get();
  const auto* bytes = sqlite3_column_blob(handle, column);
  const auto size = sqlite3_column_bytes(handle, column);
  if (bytes == nullptr)
    return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

// -- statement ----------------------------------------------------------------

void statement::finalizer::operator()(sqlite3_stmt* x) const noexcept {
  sqlite3_finalize(x);
}

// A statement that could not be bound would do with what was bound before; yet
// binding only fails without memory, or for a wrong index or length, which is
// ours to avoid.

void statement::bind(int at, std::uint64_t x) {
  sqlite3_bind_int64(handle_.get(), at, static_cast<sqlite3_int64>(x));
}

void statement::bind(int at, std::string_view x) {
  sqlite3_bind_text64(handle_.get(), at, x.empty() ? "" : x.data(), x.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void statement::bind(int at, blob_view x) {
  sqlite3_bind_blob64(handle_.get(), at, x.bytes.empty() ? "" : x.bytes.data(),
                      x.bytes.size(), SQLITE_STATIC);
}

result<void> statement::run_with(const rows& from, int columns) {
  for (int i = 0; i < columns; ++i)
    sqlite3_bind_value(handle_.get(), i + 1,
                       sqlite3_column_value(from.from_->handle_.get(), i));
  auto done = finish();
  sqlite3_clear_bindings(handle_.get());
  return done;
}

result<void> statement::finish() {
  rows answer{this};
  for (;;) {
    const auto more = answer.next();
    if (!more)
      return tl::unexpected(more.error());
    if (!*more)
      return {};
  }
}

// -- database -----------------------------------------------------------------

void database::closer::operator()(sqlite3* x) const noexcept {
  sqlite3_close_v2(x);
}

result<database> database::open(const std::string& path, access how) {
  const auto flags =
    (how == access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
    | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  database x;
  x.path_ = path;
  sqlite3* handle = nullptr;
  const auto code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  x.handle_.reset(handle);
  if (code != SQLITE_OK)
    return failed(handle, code, path);
  sqlite3_busy_timeout(handle, patience);
  return x;
}

result<void> database::exec(const std::string& sql) {
  const auto code =
    sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return failed(handle_.get(), code, path_);
  return {};
}

result<statement> database::prepare(std::string_view sql) {
  statement x;
  sqlite3_stmt* handle = nullptr;
  const auto code =
    sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                       SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK)
    return failed(handle_.get(), code, path_);
  x.handle_.reset(handle);
  x.path_ = path_;
  return x;
}

result<void> database::prepare(
  std::initializer_list<std::pair<statement*, std::string_view>> all) {
  for (const auto& [to, sql] : all) {
    auto x = prepare(sql);
    if (!x)
      return tl::unexpected(x.error());
    *to = *std::move(x);
  }
  return {};
}

result<std::uint64_t> database::number(std::string_view sql) {
  auto asked = prepare(sql);
  if (!asked)
    return tl::unexpected(asked.error());
  auto answer = asked->query();
  const auto more = answer.next();
  if (!more)
    return tl::unexpected(more.error());
  return *more ? answer.number(0) : 0;
}

std::uint64_t database::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
}

bool database::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

void database::checkpoint_on_close(bool x) {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, x ? 0 : 1,
                    nullptr);
}

// -- transaction --------------------------------------------------------------

result<transaction> transaction::begin(database& db) {
  if (auto begun = db.exec("BEGIN IMMEDIATE"); !begun)
    return tl::unexpected(begun.error());
  return transaction{db};
}

transaction::transaction(transaction&& other) noexcept
  : db_(std::exchange(other.db_, nullptr)) {
  // nop
}

transaction::~transaction() {
  // SQLite may have rolled back by itself.
  if (db_ != nullptr && db_->in_transaction())
    static_cast<void>(db_->exec("ROLLBACK"));
}

result<void> transaction::commit() {
  auto done = db_->exec("COMMIT");
  if (done)
    db_ = nullptr;
  return done;
}

} // namespace signalbox::storage
