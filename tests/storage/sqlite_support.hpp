// What the tests of the SQLite store share.
#pragma once

#include "storage/sqlite/sqlite_store.hpp"
#include "tests/storage/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::test {

using storage::sqlite_store;

inline std::unique_ptr<sqlite_store>
open_store(const sqlite_store::options& opts) {
  auto x = sqlite_store::open(opts);
  BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
  return *std::move(x);
}

inline std::unique_ptr<sqlite_store>
open_in(const temporary_directory& directory) {
  return open_store({.directory = directory / "data"});
}

/// Opens and recovers.
inline std::unique_ptr<sqlite_store>
ready_in(const temporary_directory& directory) {
  auto x = open_in(directory);
  const auto found = x->recover();
  BOOST_REQUIRE_MESSAGE(found.has_value(), found.error().what);
  return x;
}

/// Done with everything before `next`, and all of it delivered.
inline position at(sequence next, std::vector<sequence_range> beyond = {}) {
  position x{{next, std::move(beyond)}, {}};
  x.terms.delivered = next - 1;
  return x;
}

inline std::string contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

/// The files in a directory whose names begin so, by name.
inline std::vector<std::string> files_in(const std::string& directory,
                                         std::string_view beginning = {}) {
  std::vector<std::string> out;
  for (const auto& x : std::filesystem::directory_iterator{directory})
    if (x.path().filename().string().starts_with(beginning))
      out.push_back(x.path().filename().string());
  std::ranges::sort(out);
  return out;
}

/// What a person's `sqlite3` does.
inline void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  char* words = nullptr;
  const auto code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &words);
  BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, sql << ": " << words);
  sqlite3_close(db);
}

/// The first column of the first row.
inline std::string ask_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  std::string out;
  sqlite3_exec(
    db, sql.c_str(),
    [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) = values[0] != nullptr ? values[0] : "";
      return 1;
    },
    &out, nullptr);
  sqlite3_close(db);
  return out;
}

inline bool mentions(const std::vector<std::string>& findings,
                     std::string_view words) {
  return std::ranges::any_of(findings, [&](const std::string& x) {
    return x.find(words) != std::string::npos;
  });
}

} // namespace signalbox::test
