#include "destinations/file/rotating_file.hpp"
#include "formats/event_json.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include <sys/resource.h>

using namespace signalbox;
namespace fs = std::filesystem;

namespace {

/// An empty folder that goes away with the test.
class temporary_folder {
public:
  temporary_folder() {
    static std::atomic<int> n = 0;
    path_ = fs::temp_directory_path()
            / ("signalbox-file-" + std::to_string(::getpid()) + "-"
               + std::to_string(++n));
    fs::create_directories(path_);
  }

  ~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] std::string operator/(std::string_view name) const {
    return (path_ / name).string();
  }

private:
  fs::path path_;
};

std::string content(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Lets no file of this process grow beyond `bytes`, as a full disk would.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes)
    : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

private:
  rlimit before_{};
  sighandler_t handler_;
};

} // namespace

BOOST_AUTO_TEST_CASE(appends_one_json_object_a_line) {
  const temporary_folder folder;
  const test::configured x{"kind = \"file\"\npath = \"logs/events.ndjson\"",
                           folder / "test.toml"};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  auto transport = x.it->open_transport();
  auto& writer = *std::get<std::unique_ptr<byte_writer>>(transport);
  const auto one = test::goran();
  const std::array<const event*, 2> events{&one, &one};
  const auto request = std::get<write_request>(x.it->shape(events, "").value());
  std::string line;
  append_json(line, one);
  for (auto i = 0; i < 2; ++i) {
    const auto answer = writer.write(request);
    BOOST_TEST(answer.error == "");
    BOOST_TEST((x.it->judge(answer, one.received).what == outcome::delivered));
  }
  std::string expected;
  for (auto i = 0; i < 4; ++i)
    expected += line + "\n";
  BOOST_TEST(content(folder / "logs/events.ndjson") == expected);
  BOOST_TEST(x.it->traits().batch == 1024U);
}

BOOST_AUTO_TEST_CASE(writes_lines_by_a_template) {
  const temporary_folder folder;
  const test::configured x{
    "kind = \"file\"\npath = \"x\"\ntemplate = \"{{user}};{{host}}\"",
    folder / "test.toml"};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto made =
    std::get<write_request>(test::shape(*x.it, test::goran()).value());
  BOOST_TEST(made.bytes == "LAB/goran;pro2-win1\n");
}

BOOST_AUTO_TEST_CASE(sets_files_aside_and_keeps_the_newest) {
  const temporary_folder folder;
  const auto path = folder / "log";
  rotating_file file{path, {10, 2}};
  for (auto line :
       {"aaaa\n", "bbbb\n", "cccc\n", "dddd\n", "eeee\n", "ffff\n", "gggg\n"})
    BOOST_TEST(file.write({line}).error == "");
  BOOST_TEST(content(path) == "gggg\n");
  BOOST_TEST(content(path + ".1") == "eeee\nffff\n");
  BOOST_TEST(content(path + ".2") == "cccc\ndddd\n");
  BOOST_TEST(!fs::exists(path + ".3"));
}

BOOST_AUTO_TEST_CASE(counts_what_an_earlier_run_wrote) {
  const temporary_folder folder;
  const auto path = folder / "log";
  BOOST_TEST(rotating_file(path, {10, 1}).write({"aaaa\n"}).error == "");
  BOOST_TEST(rotating_file(path, {10, 1}).write({"bbbb\n"}).error == "");
  BOOST_TEST(rotating_file(path, {10, 1}).write({"c\n"}).error == "");
  BOOST_TEST(content(path) == "c\n");
  BOOST_TEST(content(path + ".1") == "aaaa\nbbbb\n");
}

BOOST_AUTO_TEST_CASE(removes_the_file_when_none_is_kept) {
  const temporary_folder folder;
  const auto path = folder / "log";
  rotating_file file{path, {5, 0}};
  file.write({"aaaa\n"});
  BOOST_TEST(file.write({"bbbb\n"}).error == "");
  BOOST_TEST(content(path) == "bbbb\n");
  BOOST_TEST(!fs::exists(path + ".1"));
}

BOOST_AUTO_TEST_CASE(writes_a_request_larger_than_a_file_whole) {
  const temporary_folder folder;
  const auto path = folder / "log";
  rotating_file file{path, {5, 1}};
  BOOST_TEST(file.write({"aaaaaaaaaa\n"}).error == "");
  BOOST_TEST(file.write({"b\n"}).error == "");
  BOOST_TEST(content(path) == "b\n");
  BOOST_TEST(content(path + ".1") == "aaaaaaaaaa\n");
}

BOOST_AUTO_TEST_CASE(never_rotates_unless_asked) {
  const temporary_folder folder;
  rotating_file file{folder / "log", {0, 3}};
  for (auto i = 0; i < 100; ++i)
    file.write({"line\n"});
  BOOST_TEST(content(folder / "log").size() == 500U);
}

BOOST_AUTO_TEST_CASE(takes_back_a_line_that_a_full_disk_cut_off) {
  const temporary_folder folder;
  const auto path = folder / "log";
  rotating_file file{path, {0, 0}};
  BOOST_TEST(file.write({"first\n"}).error == "");
  {
    const file_size_limit full{10};
    const auto answer = file.write({"second line\n"});
    BOOST_TEST(answer.error.find("cannot write to '" + path + "'") == 0,
               answer.error);
    BOOST_TEST(content(path) == "first\n");
  }
  BOOST_TEST(file.write({"third\n"}).error == "");
  BOOST_TEST(content(path) == "first\nthird\n");
}

BOOST_AUTO_TEST_CASE(ends_a_line_that_a_crash_cut_off) {
  const temporary_folder folder;
  const auto path = folder / "log";
  std::ofstream{path} << "{\"kind\":\"sess";
  rotating_file file{path, {0, 0}};
  BOOST_TEST(file.write({"{}\n"}).error == "");
  BOOST_TEST(content(path) == "{\"kind\":\"sess\n{}\n");
}

BOOST_AUTO_TEST_CASE(says_that_the_disk_is_full) {
  const test::configured x{"kind = \"file\"\npath = \"/dev/full\""};
  auto transport = x.it->open_transport();
  const auto answer =
    std::get<std::unique_ptr<byte_writer>>(transport)->write({"line\n"});
  BOOST_TEST(answer.error
             == "cannot write to '/dev/full': No space left on device");
  const auto made = x.it->judge(answer, wall_time{});
  BOOST_TEST((made.what == outcome::retry));
  BOOST_TEST(made.reason == answer.error);
}

BOOST_AUTO_TEST_CASE(follows_a_file_that_somebody_moved_away) {
  const temporary_folder folder;
  const auto path = folder / "log";
  rotating_file file{path, {0, 0}};
  file.write({"one\n"});
  fs::rename(path, folder / "moved");
  BOOST_TEST(file.write({"two\n"}).error == "");
  BOOST_TEST(content(folder / "moved") == "one\n");
  BOOST_TEST(content(path) == "two\n");
}

BOOST_AUTO_TEST_CASE(recovers_once_its_path_can_be_opened) {
  const temporary_folder folder;
  const auto path = folder / "log";
  fs::create_directory(path); // in the way
  rotating_file file{path, {0, 0}};
  BOOST_TEST(file.write({"lost\n"}).error.starts_with("cannot open '"));
  fs::remove(path);
  BOOST_TEST(file.write({"line\n"}).error == "");
  BOOST_TEST(content(path) == "line\n");
}
