// Those who know, and tell, who is active: on a clock that the test moves.
#include "actors/session_board.hpp"
#include "actors/session_keeper.hpp"
#include "actors/sessions.hpp"
#include "actors/status_json.hpp"
#include "actors/telemetry.hpp"
#include "storage/session_file.hpp"
#include "tests/actors/journal_fixture.hpp"
#include "tests/support/fake_store.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

constexpr auto starts = event_kind::session_start;
constexpr auto stops = event_kind::session_stop;

/// A disk that outlives the engine.
struct drawer {
  using reading = caf::typed_response_promise<session_snapshot_ptr>;

  session_snapshot_ptr kept;
  bool stuck = false;         ///< Nothing is read for now.
  std::vector<reading> asked; ///< Answered when somebody asks later.
  std::vector<mono_time> times;
  bool synced = false;
};

struct keeper_state {
  static inline constexpr const char* name = "fake_keeper";
};

session_keeper_actor::behavior_type
fake_keeper(session_keeper_actor::stateful_pointer<keeper_state> self,
            const std::shared_ptr<drawer>& to) {
  return {
    [self, to](atoms::recent) -> caf::result<session_snapshot_ptr> {
      auto promise = self->make_response_promise<session_snapshot_ptr>();
      to->asked.push_back(promise);
      if (!to->stuck)
        for (auto& x : std::exchange(to->asked, {}))
          x.deliver(to->kept);
      return promise;
    },
    [self, to](atoms::keep, const session_snapshot_ptr& x, bool sync) {
      to->kept = x;
      to->synced = sync;
      to->times.push_back(self->clock().now());
      return caf::ok_atom::value;
    },
  };
}

/// One life of the engine. The wall clock goes with the test's clock.
struct life : journal_fixture {
  mono_time began = scheduler.clock().current_time;
  wall_time wall_began;
  telemetry_actor watcher = spawn(telemetry, log);
  session_keeper_actor keeper;
  sessions_actor counter;

  explicit life(std::shared_ptr<storage::store> disk,
                std::shared_ptr<drawer> desk, wall_time wall = noon)
    : journal_fixture(std::move(disk)), wall_began(wall) {
    if (desk)
      keeper = spawn(fake_keeper, std::move(desk));
    count();
  }

  life() : wall_began(noon) {
    count();
  }

  void count() {
    sessions_plan plan;
    plan.from =
      ask<position>(log, atoms::watch::value, std::string{sessions_reader})
        .where.next;
    plan.journal = log;
    plan.telemetry = watcher;
    plan.keeper = keeper;
    plan.wall = [this] {
      return wall();
    };
    counter = spawn(sessions, std::move(plan));
  }

  [[nodiscard]] wall_time wall() const {
    return wall_began + (scheduler.clock().current_time - began);
  }

  void happens(const std::vector<std::string_view>& users, event_kind kind) {
    journal_events(batch_of(users, kind, wall()));
  }

  session_picture_ptr shown() {
    return ask<engine_picture_ptr>(watcher, atoms::status::value)->sessions;
  }

  /// Ids of active users, sorted.
  std::string who() {
    std::string out;
    for (const auto& x : shown()->users)
      out += (out.empty() ? "" : " ") + x.id;
    return out;
  }

  void close() {
    ask<caf::ok_atom>(counter, atoms::close::value);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(nobody_is_shown_before_anybody_comes, life) {
  BOOST_TEST_REQUIRE((shown() != nullptr));
  BOOST_TEST(shown()->users.empty());
}

BOOST_FIXTURE_TEST_CASE(whoever_comes_is_shown_and_whoever_leaves_is_not,
                        life) {
  happens({"ann", "joe"}, starts);
  advance(250ms);
  BOOST_TEST(who() == "ann joe");
  happens({"ann"}, stops);
  advance(250ms);
  BOOST_TEST(who() == "joe");
}

BOOST_FIXTURE_TEST_CASE(a_crowd_is_shown_four_times_a_second_and_whole, life) {
  std::vector<std::string> names;
  for (int i = 0; i < 1'000; ++i)
    names.push_back("user" + std::to_string(i));
  std::vector<session_picture_ptr> pictures{shown()};
  for (const auto& name : names) {
    happens({name}, starts);
    if (shown() != pictures.back())
      pictures.push_back(shown());
    advance(1ms, 1ms);
  }
  BOOST_TEST(pictures.size() >= 4U);
  BOOST_TEST(pictures.size() <= 6U);
  advance(250ms);
  BOOST_TEST(shown()->users.size() == 1'000U);
}

BOOST_FIXTURE_TEST_CASE(a_lost_stop_expires, life) {
  happens({"joe"}, starts);
  advance(1s);
  const auto before = wall();
  advance(6h, 1min);
  happens({"joe"}, event_kind::connection_open);
  advance(11h, 1min);
  BOOST_TEST(who() == "joe");
  BOOST_TEST((wall() - before > 12h));
  advance(1h + 10s, 5s);
  BOOST_TEST(who().empty());
  BOOST_TEST(shown()->expired == 1U);
}

BOOST_FIXTURE_TEST_CASE(another_expiry_holds_at_once, life) {
  happens({"joe"}, starts);
  advance(10min, 1s);
  send(counter, atoms::configure::value, caf::timespan{20min});
  BOOST_TEST(who() == "joe");
  send(counter, atoms::configure::value, caf::timespan{5min});
  BOOST_TEST(who().empty());
}

BOOST_FIXTURE_TEST_CASE(the_reader_holds_nothing_back, life) {
  happens({"ann"}, starts);
  happens({"joe"}, starts);
  advance(2s);
  BOOST_TEST(tail().bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(after_a_crash_everybody_is_back) {
  const auto disk = std::make_shared<fake_store>();
  const auto desk = std::make_shared<drawer>();
  {
    life x{disk, desk};
    x.happens({"ann", "joe"}, starts);
    x.advance(500ms);
    x.happens({"ann"}, stops);
    x.advance(250ms);
  }
  life x{disk, desk, noon + 1h};
  BOOST_TEST(x.who() == "joe");
  BOOST_TEST((x.shown()->users.at(0).since == noon));
  BOOST_TEST(desk->kept->next <= 4U);
}

BOOST_AUTO_TEST_CASE(events_that_a_snapshot_missed_are_counted_once) {
  const auto disk = std::make_shared<fake_store>();
  const auto desk = std::make_shared<drawer>();
  session_snapshot_ptr early;
  {
    life x{disk, desk};
    x.attach("broken"); // Whose events stay in the journal.
    x.happens({"ann", "ann"}, starts);
    x.advance(500ms);
    early = desk->kept;
    x.happens({"ann"}, stops);
    x.happens({"joe"}, starts);
    x.advance(2s);
  }
  desk->kept = early;
  life x{disk, desk};
  x.advance(250ms);
  BOOST_TEST(x.who() == "ann joe");
  BOOST_TEST(x.shown()->users.at(0).sessions == 1U);
  BOOST_TEST(x.shown()->sessions == 2U);
}

BOOST_AUTO_TEST_CASE(a_snapshot_ahead_of_the_journal_misses_nothing_new) {
  const auto disk = std::make_shared<fake_store>();
  const auto desk = std::make_shared<drawer>();
  auto ahead = std::make_shared<session_snapshot>();
  // A crash took those events from the journal, whose numbers are free again.
  ahead->next = 1'000;
  ahead->places.push_back({"LAB", "joe", noon, "pro2-win1", 1, 0, noon});
  desk->kept = ahead;
  life x{disk, desk};
  x.happens({"ann"}, starts);
  x.advance(500ms);
  BOOST_TEST(x.who() == "ann joe");
  BOOST_TEST(desk->kept->next == 2U);
}

BOOST_AUTO_TEST_CASE(a_snapshot_ahead_of_the_journal_is_corrected_at_once) {
  const auto desk = std::make_shared<drawer>();
  auto ahead = std::make_shared<session_snapshot>();
  ahead->next = 1'000;
  ahead->places.push_back({"LAB", "joe", noon, "pro2-win1", 1, 0, noon});
  desk->kept = ahead;
  const life x{std::make_shared<fake_store>(), desk};
  BOOST_TEST(desk->kept->next == 1U);
  BOOST_REQUIRE(desk->kept->places.size() == 1U);
  BOOST_TEST(desk->kept->places[0].id == "joe");
}

BOOST_AUTO_TEST_CASE(an_end_before_the_snapshot_is_read_loses_nobody) {
  for (const bool is_fresh : {false, true}) {
    const auto disk = std::make_shared<fake_store>();
    const auto desk = std::make_shared<drawer>();
    {
      life x{disk, desk};
      x.happens({"ann", "joe"}, starts);
      x.advance(2s);
      x.close();
    }
    desk->times.clear();
    desk->synced = false;
    desk->stuck = true;
    life x{is_fresh ? std::make_shared<fake_store>() : disk, desk, noon + 1h};
    auto closed = x.self->request(x.counter, 13s, atoms::close::value);
    x.advance(10s);
    BOOST_TEST(desk->times.empty());
    desk->stuck = false;
    x.send(x.keeper, atoms::recent::value);
    x.advance(4s); // The request is over by then, and no sweep has come.
    std::string why;
    closed.receive([](caf::ok_atom) {},
                   [&](const caf::error& e) { why = to_string(e); });
    BOOST_TEST(why.empty(), why);
    BOOST_TEST(desk->synced);
    BOOST_TEST(desk->kept->places.size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(whoever_left_while_the_engine_was_down_is_gone) {
  const auto disk = std::make_shared<fake_store>();
  const auto desk = std::make_shared<drawer>();
  {
    life x{disk, desk};
    x.happens({"joe"}, starts);
    x.advance(500ms);
  }
  life x{disk, desk, noon + 13h};
  BOOST_TEST(x.who().empty());
  // Whoever shows the server must hear that nobody is there.
  BOOST_REQUIRE(x.shown()->servers.size() == 1U);
  BOOST_TEST(x.shown()->servers[0].users == 0U);
}

BOOST_AUTO_TEST_CASE(snapshots_are_kept_four_times_a_second_while_needed) {
  const auto desk = std::make_shared<drawer>();
  life x{std::make_shared<fake_store>(), desk};
  for (int i = 0; i < 1'000; ++i) {
    x.happens({"user" + std::to_string(i)}, starts);
    x.advance(1ms, 1ms);
  }
  BOOST_TEST(desk->times.size() >= 4U);
  BOOST_TEST(desk->times.size() <= 5U);
  x.advance(250ms);
  BOOST_TEST(desk->kept->places.size() == 1'000U);
  const auto times = desk->times.size();
  x.advance(1h, 1s);
  x.happens({"nobody"}, stops);
  x.advance(1s);
  BOOST_TEST(desk->times.size() == times);
  BOOST_TEST(!desk->synced);
}

BOOST_AUTO_TEST_CASE(signs_of_life_are_kept_twice_a_minute) {
  const auto desk = std::make_shared<drawer>();
  life x{std::make_shared<fake_store>(), desk};
  x.happens({"joe"}, starts);
  x.advance(1s);
  desk->times.clear();
  for (int i = 0; i < 600; ++i) {
    // There is no connection to close.
    x.happens({"joe"}, event_kind::connection_close);
    x.advance(1s);
  }
  BOOST_TEST(desk->times.size() >= 10U * 60 / 35);
  BOOST_TEST(desk->times.size() <= 10U * 2);
  x.advance(36s, 1s);
  BOOST_TEST((desk->kept->places.at(0).last == noon + 600s));
  // What is counted is kept as soon as ever.
  x.happens({"joe"}, event_kind::connection_close);
  x.happens({"ann"}, starts);
  x.advance(250ms);
  BOOST_TEST(desk->kept->places.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_last_event_before_the_end_is_kept) {
  const auto desk = std::make_shared<drawer>();
  life x{std::make_shared<fake_store>(), desk};
  x.happens({"ann"}, starts);
  // More than one pull, and no time at all.
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i)
    names.push_back("user" + std::to_string(i));
  x.ledger->parsed({.events = names.size()});
  caf::anon_send(x.log,
                 batch_of({names.begin(), names.end()}, starts, x.wall()));
  x.close();
  BOOST_TEST(desk->kept->places.size() == 3'001U);
  BOOST_TEST(desk->kept->next == 3'002U);
  BOOST_TEST(desk->synced);
}

BOOST_FIXTURE_TEST_CASE(without_a_keeper_the_end_is_at_once, life) {
  happens({"ann"}, starts);
  close();
  advance(250ms);
  BOOST_TEST(who() == "ann");
}

namespace {

struct folder {
  std::filesystem::path path =
    std::filesystem::temp_directory_path()
    / ("signalbox-sessions-" + std::to_string(::getpid()));

  folder() {
    std::filesystem::create_directories(path);
  }

  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  ~folder() {
    std::filesystem::remove_all(path);
  }
};

session_snapshot_ptr someone() {
  auto x = std::make_shared<session_snapshot>();
  x->next = 7;
  x->places.push_back({"LAB", "j\"öe", noon, "p1", 1, 2, noon + 1ns});
  x->idle_servers.push_back({"p2", noon});
  return x;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_file_gives_back_what_was_kept, actor_fixture) {
  const folder here;
  const auto file = (here.path / "sessions.json").string();
  const auto keep = spawn(session_keeper, file);
  BOOST_TEST(
    (ask<session_snapshot_ptr>(keep, atoms::recent::value) == nullptr));
  for (const auto sync : {false, true}) {
    ask<caf::ok_atom>(keep, atoms::keep::value, someone(), sync);
    const auto again = ask<session_snapshot_ptr>(keep, atoms::recent::value);
    BOOST_TEST_REQUIRE((again != nullptr));
    BOOST_TEST((*again == *someone()));
  }
  const auto mode = std::filesystem::status(file).permissions();
  BOOST_TEST((mode
              == (std::filesystem::perms::owner_read
                  | std::filesystem::perms::owner_write)));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_written_stops_nobody,
                        actor_fixture) {
  const auto keep = spawn(session_keeper, "/nowhere/at/all/sessions.json");
  BOOST_TEST(
    (ask<session_snapshot_ptr>(keep, atoms::recent::value) == nullptr));
  ask<caf::ok_atom>(keep, atoms::keep::value, someone(), true);
  BOOST_TEST(state_of<session_keeper_state>(keep).refused.find("/nowhere")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_is_not_ours_is_refused) {
  const auto good = storage::session_json(*someone());
  BOOST_TEST(storage::parse_session_json(good).has_value());
  struct row {
    std::string from;
    std::string to;
  };
  const std::vector<row> rows{
    {"\"version\":1", "\"version\":2"},
    {"\"version\":1,", ""},
    {"\"next\":7", "\"next\":-7"},
    {"\"next\":7", "\"next\":\"7\""},
    {"\"sessions\":1", "\"sessions\":1.5"},
    {"\"sessions\":1", "\"sessions\":1000000001"},
    {"\"connections\":2", "\"connections\":-2"},
    {"\"since\":", "\"since\":-"},
    {"\"id\":\"j", "\"id\":\"" + std::string(300, 'x')},
    {"\"places\":[", "\"places\":[7,"},
    {"\"places\"", "\"place\""},
    {"\"idle_servers\"", "\"servers\""},
  };
  for (const auto& row : rows) {
    auto bad = good;
    const auto at = bad.find(row.from);
    BOOST_TEST_REQUIRE(at != std::string::npos, row.from);
    bad.replace(at, row.from.size(), row.to);
    BOOST_TEST(!storage::parse_session_json(bad), row.to);
  }
  for (std::size_t n = 0; n < good.size(); ++n)
    BOOST_TEST(!storage::parse_session_json(good.substr(0, n)), n);
}

// -- the board ----------------------------------------------------------------

namespace {

/// Shows the number of users.
struct fake_publisher final : session_publisher {
  struct wall {
    std::string shown = "?"; ///< "?": unknown.
    std::string error;       ///< Of the next answers; empty: good ones.
    std::vector<std::string> requests; ///< "probe", or what is to be shown.
    std::size_t looks = 0;             ///< Whether something is to be shown.
  };

  explicit fake_publisher(std::shared_ptr<wall> x) : to(std::move(x)) {
    // nop
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::optional<delivery_request> shape(const session_picture& x) override {
    ++to->looks;
    wanted = std::to_string(x.users.size());
    if (wanted == to->shown)
      return std::nullopt;
    return write_request{wanted};
  }

  delivery_request probe() override {
    wanted = to->shown;
    return write_request{"probe"};
  }

  std::string judge(const delivery_answer& answer) override {
    const auto& error = std::get<write_answer>(answer).error;
    to->shown = error.empty() ? wanted : "?";
    return error;
  }

  std::shared_ptr<wall> to;
  std::string wanted;
};

struct fake_wire final : transport {
  explicit fake_wire(std::shared_ptr<fake_publisher::wall> x)
    : to(std::move(x)) {
    // nop
  }

  void carry_out(delivery_request request, on_answer done) override {
    to->requests.push_back(std::get<write_request>(request).bytes);
    done(write_answer{to->error});
  }

  std::shared_ptr<fake_publisher::wall> to;
};

struct board_fixture : life {
  std::shared_ptr<fake_publisher::wall> wall_ =
    std::make_shared<fake_publisher::wall>();
  session_board_actor board = spawn(
    session_board, std::string{"broker"},
    std::unique_ptr<session_publisher>{std::make_unique<fake_publisher>(wall_)},
    transport_ptr{std::make_shared<fake_wire>(wall_)}, watcher);

  std::size_t shown_often() {
    return std::ranges::count_if(wall_->requests,
                                 [](const auto& x) { return x != "probe"; });
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_board_shows_how_it_is_and_each_change,
                        board_fixture) {
  BOOST_TEST(wall_->shown == "0");
  happens({"ann", "joe"}, starts);
  advance(500ms);
  BOOST_TEST(wall_->shown == "2");
  advance(1h, 1s);
  BOOST_TEST(shown_often() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_board_is_not_rushed_and_shows_the_last_state,
                        board_fixture) {
  for (int i = 0; i < 2'000; ++i) {
    happens({"user" + std::to_string(i)}, starts);
    advance(1ms, 1ms);
  }
  BOOST_TEST(shown_often() >= 4U);
  BOOST_TEST(shown_often() <= 10U);
  advance(500ms);
  BOOST_TEST(wall_->shown == "2000");
}

BOOST_FIXTURE_TEST_CASE(a_board_rests_however_much_it_has_shown,
                        board_fixture) {
  for (int i = 0; i < 200; ++i) {
    happens({"user" + std::to_string(i)}, starts);
    advance(1s);
  }
  BOOST_TEST(shown_often() >= 200U);
  // Before and after each probe, which comes every five seconds.
  wall_->looks = 0;
  advance(1min);
  BOOST_TEST(wall_->looks <= 3U * 12);
}

BOOST_FIXTURE_TEST_CASE(a_board_that_cannot_be_reached_shows_the_present_later,
                        board_fixture) {
  wall_->error = "no broker";
  happens({"ann"}, starts);
  advance(1h, 1s);
  // Half of the pauses, on average, are longer than 15 s.
  BOOST_TEST(shown_often() < 1'000U);
  happens({"joe"}, starts);
  happens({"ann"}, stops);
  happens({"bob"}, starts);
  wall_->error.clear();
  wall_->requests.clear();
  advance(31s);
  BOOST_TEST(wall_->shown == "2");
  BOOST_TEST(shown_often() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_board_notices_when_the_other_side_has_forgotten,
                        board_fixture) {
  wall_->requests.clear();
  advance(20s);
  BOOST_TEST(std::ranges::count(wall_->requests, "probe") >= 3);
  wall_->shown = "?";
  advance(6s);
  BOOST_TEST(wall_->shown == "0");
}

// -- as text ------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(active_users_read_as_documented) {
  session_picture x;
  x.servers = {{"p1", 2, 2, 1}, {"p2", 1, 1, 0}, {"p3", 0, 0, 0}};
  x.users.push_back({"LAB", "jo\"e", {"p1", "p2"}, 2, 1, noon});
  x.sessions = 3;
  x.connections = 1;
  BOOST_TEST(sessions_json(x, 0).ends_with("\"users\":[]}"));
  BOOST_TEST(sessions_json(x, 1)
             == "{\"total\":1,\"servers\":{\"p1\":2,\"p2\":1},\"sessions\":3,"
                "\"connections\":1,\"expired\":0,\"made_way\":0,\"users\":["
                "{\"directory\":\"LAB\",\"id\":\"jo\\\"e\",\"servers\":[\"p1\","
                "\"p2\"],\"sessions\":2,\"connections\":1,\"since\":"
                "\"2026-11-22T09:15:02.000Z\"}]}");
}

BOOST_AUTO_TEST_CASE(metrics_name_a_hundred_servers_at_most) {
  auto x = std::make_shared<session_picture>();
  for (int i = 0; i < 150; ++i)
    x->servers.push_back({"p" + std::to_string(i), i == 149 ? 7U : 1U, 1, 0});
  engine_picture picture;
  picture.sessions = x;
  const auto text = metrics_text(picture, {});
  std::size_t labels = 0;
  for (auto at = text.find("_by_server{"); at != std::string::npos;
       at = text.find("_by_server{", at + 1))
    ++labels;
  BOOST_TEST(labels == 101U);
  BOOST_TEST(text.find("by_server{server=\"p149\"} 7") != std::string::npos);
  BOOST_TEST(text.find("by_server{server=\"(others)\"} 50")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_called_as_the_others_are_is_one_of_them) {
  auto x = std::make_shared<session_picture>();
  for (int i = 0; i < 101; ++i)
    x->servers.push_back({"p" + std::to_string(i), 1, 1, 0});
  x->servers.push_back({"(others)", 5, 1, 0});
  engine_picture picture;
  picture.sessions = x;
  const auto text = metrics_text(picture, {});
  const std::string_view label = "by_server{server=\"(others)\"}";
  const auto at = text.find(label);
  BOOST_TEST_REQUIRE(at != std::string::npos);
  BOOST_TEST(text.find(label, at + 1) == std::string::npos);
  // It takes one of the hundred places, so that two are left without.
  BOOST_TEST(std::stod(text.substr(at + label.size())) == 7.0);
}
