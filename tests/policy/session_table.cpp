#include "policy/session_table.hpp"

#include "policy/fold.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;
using test::noon;

namespace {

constexpr auto starts = event_kind::session_start;
constexpr auto stops = event_kind::session_stop;
constexpr auto opens = event_kind::connection_open;
constexpr auto closes = event_kind::connection_close;

event event_of(std::string_view directory, std::string_view id,
               std::string_view host, event_kind kind, wall_time at = noon) {
  event x;
  x.kind = kind;
  x.user_directory = directory;
  x.user_id = id;
  x.host = host;
  x.received = at;
  return x;
}

struct fixture {
  session_table table;

  session_table::effect joe(event_kind kind, std::string_view host = "p1",
                            wall_time at = noon) {
    return table.apply(event_of("LAB", "joe", host, kind, at));
  }

  /// "joe: 1 sessions, 2 connections on p1"; one line a user.
  [[nodiscard]] std::string shown() const {
    std::string out;
    for (const auto& x : table.picture().users) {
      if (!out.empty())
        out += "; ";
      out += x.directory + "/" + x.id + " " + std::to_string(x.sessions) + "+"
             + std::to_string(x.connections);
      for (const auto& server : x.servers)
        out += " " + server;
    }
    return out;
  }

  /// "p1 2", by name; servers without users included.
  [[nodiscard]] std::string servers() const {
    std::string out;
    for (const auto& x : table.picture().servers)
      out += (out.empty() ? "" : ", ") + x.name + " " + std::to_string(x.users);
    return out;
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(counts_sessions_and_connections, fixture) {
  struct row {
    std::vector<event_kind> events;
    std::string shown;
  };
  const std::vector<row> rows{
    {{starts}, "LAB/joe 1+0 p1"},
    {{starts, opens}, "LAB/joe 1+1 p1"},
    {{starts, opens, opens, closes}, "LAB/joe 1+1 p1"},
    {{starts, starts, stops}, "LAB/joe 1+0 p1"},
    // The engine may have started after the session.
    {{opens}, "LAB/joe 0+1 p1"},
    {{opens, closes}, ""},
    {{starts, stops}, ""},
    // Nothing is ever below zero.
    {{stops}, ""},
    {{closes}, ""},
    {{stops, stops, closes, starts}, "LAB/joe 1+0 p1"},
    {{starts, closes, closes, opens}, "LAB/joe 1+1 p1"},
    {{opens, stops, closes, closes, opens}, "LAB/joe 0+1 p1"},
    // Two sessions: the connections are not known to be of the one that ended.
    {{starts, starts, opens, stops}, "LAB/joe 1+1 p1"},
    // Logged out: whatever closes, or does not, later.
    {{starts, opens, opens, stops}, ""},
    {{starts, opens, stops, closes}, ""},
    // A page that is loaded anew, in either order.
    {{starts, opens, closes, opens}, "LAB/joe 1+1 p1"},
    {{starts, opens, opens, closes}, "LAB/joe 1+1 p1"},
    {{event_kind::other}, ""},
    {{starts, event_kind::other}, "LAB/joe 1+0 p1"},
  };
  for (const auto& row : rows) {
    table = session_table{};
    for (const auto kind : row.events)
      joe(kind);
    BOOST_TEST(shown() == row.shown);
  }
}

BOOST_FIXTURE_TEST_CASE(a_user_on_two_servers_is_one_user, fixture) {
  joe(starts, "p1");
  joe(starts, "p2");
  joe(opens, "p2");
  table.apply(event_of("LAB", "ann", "p2", starts));
  BOOST_TEST(shown() == "LAB/ann 1+0 p2; LAB/joe 2+1 p1 p2");
  BOOST_TEST(servers() == "p1 1, p2 2");
  BOOST_TEST(table.picture().sessions == 3U);
  BOOST_TEST(table.picture().connections == 1U);
  // The stop on one server says nothing about the other.
  joe(stops, "p2");
  BOOST_TEST(shown() == "LAB/ann 1+0 p2; LAB/joe 1+0 p1");
}

BOOST_FIXTURE_TEST_CASE(any_spelling_is_the_same_user_and_the_first_is_shown,
                        fixture) {
  table.apply(event_of("Lab", "Jörg", "Pro-1", starts));
  table.apply(event_of("LAB", "JÖRG", "PRO-1", opens));
  BOOST_TEST(shown() == "Lab/Jörg 1+1 Pro-1");
  BOOST_TEST(servers() == "Pro-1 1");
  table.apply(event_of("lab", "jörg", "pro-1", stops));
  BOOST_TEST(shown().empty());
}

BOOST_FIXTURE_TEST_CASE(the_parts_of_a_name_do_not_run_together, fixture) {
  table.apply(event_of("LAB", "joe", "p1", starts));
  table.apply(event_of("LA", "Bjoe", "p1", starts));
  table.apply(event_of("LAB", "joep", "1", starts));
  BOOST_TEST(table.picture().users.size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(nobody_is_not_counted, fixture) {
  const std::string long_name(session_table::max_name + 1, 'x');
  table.apply(event_of("LAB", "", "p1", starts));
  table.apply(event_of("", "", "", opens));
  table.apply(event_of("LAB", long_name, "p1", starts));
  table.apply(event_of(long_name, "joe", "p1", starts));
  table.apply(event_of("LAB", "joe", long_name, starts));
  BOOST_TEST(shown().empty());
  BOOST_TEST(servers().empty());
}

BOOST_FIXTURE_TEST_CASE(what_is_sent_again_by_hand_is_not_counted, fixture) {
  auto x = event_of("LAB", "joe", "p1", starts);
  x.replayed = true;
  BOOST_TEST((table.apply(x) == session_table::effect::none));
  BOOST_TEST(shown().empty());
}

BOOST_FIXTURE_TEST_CASE(since_is_when_a_user_came_to_the_first_server,
                        fixture) {
  const auto since = [&] {
    return table.picture().users.at(0).since;
  };
  joe(starts, "p1", noon);
  joe(starts, "p2", noon + 1h);
  joe(opens, "p1", noon + 2h);
  joe(stops, "p1", noon + 3h);
  BOOST_TEST((since() == noon));
  joe(stops, "p2", noon + 4h);
  joe(starts, "p2", noon + 5h);
  BOOST_TEST((since() == noon + 5h));
}

BOOST_FIXTURE_TEST_CASE(whoever_was_silent_for_too_long_has_left, fixture) {
  joe(starts, "p1");
  joe(starts, "p2", noon + 1h);
  BOOST_TEST(!table.sweep(noon + 12h - 1ns));
  BOOST_TEST(table.sweep(noon + 12h));
  BOOST_TEST(shown() == "LAB/joe 1+0 p2");
  BOOST_TEST(servers() == "p1 0, p2 1");
  // Any event of theirs is a sign of life.
  joe(event_kind::other, "p2", noon + 12h);
  table.sweep(noon + 23h);
  BOOST_TEST(shown() == "LAB/joe 1+0 p2");
  table.sweep(noon + 24h);
  BOOST_TEST(shown().empty());
  BOOST_TEST(table.picture().expired == 2U);
}

BOOST_FIXTURE_TEST_CASE(another_expiry_holds_from_the_next_sweep_on, fixture) {
  joe(starts);
  table.expire_after(1min);
  BOOST_TEST(!table.sweep(noon + 59s));
  BOOST_TEST(table.sweep(noon + 1min));
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_set_back_delays_the_expiry_only,
                        fixture) {
  joe(starts, "p1", noon + 48h); // By a clock that ran two days ahead.
  BOOST_TEST(!table.sweep(noon));
  BOOST_TEST(!table.sweep(noon + 12h - 1s));
  BOOST_TEST(table.sweep(noon + 12h));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_was_left_is_shown_until_it_expires,
                        fixture) {
  joe(starts);
  joe(stops, "p1", noon + 1h);
  BOOST_TEST(servers() == "p1 0");
  BOOST_TEST(!table.sweep(noon + 12h));
  BOOST_TEST(table.sweep(noon + 13h));
  BOOST_TEST(servers().empty());
  BOOST_TEST(table.picture().expired == 0U);
}

BOOST_AUTO_TEST_CASE(who_was_silent_longest_makes_way) {
  session_table table{{.expire = 12h, .max_places = 2}};
  table.apply(event_of("LAB", "ann", "p1", starts, noon));
  table.apply(event_of("LAB", "bob", "p1", starts, noon + 1s));
  table.apply(event_of("LAB", "ann", "p1", opens, noon + 2s));
  table.apply(event_of("LAB", "joe", "p1", starts, noon + 3s));
  const auto x = table.picture();
  BOOST_REQUIRE(x.users.size() == 2U);
  BOOST_TEST(x.users[0].id == "ann");
  BOOST_TEST(x.users[1].id == "joe");
  BOOST_TEST(x.made_way == 1U);
  BOOST_TEST(x.servers.at(0).users == 2U);
}

BOOST_AUTO_TEST_CASE(a_thousand_servers_are_remembered_without_users) {
  session_table table;
  for (int i = 0; i < 1'100; ++i) {
    const auto host = "p" + std::to_string(i);
    table.apply(event_of("LAB", "joe", host, starts));
    table.apply(event_of("LAB", "joe", host, stops));
  }
  BOOST_TEST(table.picture().servers.size() == 1'000U);
}

BOOST_FIXTURE_TEST_CASE(says_what_an_event_has_done, fixture) {
  using effect = session_table::effect;
  BOOST_TEST((joe(closes) == effect::none));
  BOOST_TEST((joe(starts) == effect::counted));
  BOOST_TEST((joe(closes) == effect::heard));
  BOOST_TEST((joe(event_kind::other) == effect::heard));
  BOOST_TEST((joe(stops) == effect::counted));
  BOOST_TEST((joe(stops) == effect::none));
}

BOOST_FIXTURE_TEST_CASE(a_snapshot_brings_everybody_back, fixture) {
  joe(starts, "p1");
  joe(opens, "P2", noon + 1h);
  table.apply(event_of("Lab", "ann", "p3", starts, noon + 2h));
  table.apply(event_of("LAB", "ANN", "p3", stops, noon + 2h));
  session_table other;
  other.restore(table.snapshot());
  BOOST_TEST((other.picture() == table.picture()));
  // Their silence counts on.
  BOOST_TEST(other.sweep(noon + 12h));
  BOOST_TEST(other.places() == 1U);
  BOOST_TEST((other.picture().users.at(0).since == noon));
}

BOOST_AUTO_TEST_CASE(a_snapshot_with_nonsense_in_it_does_no_harm) {
  session_table table;
  session_snapshot x;
  x.places = {{"LAB", "", noon, "p1", 1, 1, noon},
              {"LAB", "joe", noon, "p1", 0, 0, noon},
              {"LAB", "ann", noon, "p1", 1, 0, noon},
              {"lab", "ANN", noon, "P1", 7, 7, noon}};
  x.idle_servers = {{"p1", noon}, {"p2", noon}, {"P2", noon}};
  table.restore(x);
  const auto shown = table.picture();
  BOOST_REQUIRE(shown.users.size() == 1U);
  BOOST_TEST(shown.users[0].sessions == 1U);
  BOOST_REQUIRE(shown.servers.size() == 2U);
  BOOST_TEST(shown.servers[0].users == 1U);
  BOOST_TEST(shown.servers[1].users == 0U);
}

// The rules written down as plainly as can be, searched through from end to
// end.
namespace {

struct naive_table {
  struct row {
    std::string directory, id, server; ///< Lower case.
    std::uint64_t sessions = 0;
    std::uint64_t connections = 0;
    wall_time last;
  };

  std::vector<row> rows;
  std::uint64_t expired = 0;

  void apply(const event& x) {
    const auto directory = folded(x.user_directory);
    const auto id = folded(x.user_id);
    const auto server = folded(x.host);
    auto i = std::ranges::find_if(rows, [&](const row& r) {
      return r.directory == directory && r.id == id && r.server == server;
    });
    if (i == rows.end()) {
      rows.push_back({directory, id, server, 0, 0, x.received});
      i = std::prev(rows.end());
    }
    i->last = x.received;
    if (x.kind == starts)
      ++i->sessions;
    if (x.kind == opens)
      ++i->connections;
    if (x.kind == stops && i->sessions > 0)
      --i->sessions;
    if (x.kind == closes && i->connections > 0)
      --i->connections;
    if (x.kind == stops && i->sessions == 0)
      i->connections = 0;
    std::erase_if(
      rows, [](const row& r) { return r.sessions == 0 && r.connections == 0; });
  }

  void sweep(wall_time now, duration expire) {
    expired +=
      std::erase_if(rows, [&](const row& r) { return now - r.last >= expire; });
  }
};

void check_same(const session_table& table, const naive_table& naive) {
  const auto x = table.picture();
  std::map<std::pair<std::string, std::string>,
           std::tuple<std::uint64_t, std::uint64_t, std::set<std::string>>>
    expected;
  std::map<std::string, std::tuple<std::size_t, std::uint64_t, std::uint64_t>>
    servers;
  for (const auto& r : naive.rows) {
    auto& [sessions, connections, on] = expected[{r.directory, r.id}];
    sessions += r.sessions;
    connections += r.connections;
    on.insert(r.server);
    auto& [users, s, c] = servers[r.server];
    ++users;
    s += r.sessions;
    c += r.connections;
  }
  BOOST_REQUIRE(x.users.size() == expected.size());
  auto i = expected.begin();
  for (const auto& user : x.users) {
    BOOST_REQUIRE(folded(user.directory) == i->first.first);
    BOOST_REQUIRE(folded(user.id) == i->first.second);
    const auto& [sessions, connections, on] = (i++)->second;
    BOOST_REQUIRE(user.sessions == sessions);
    BOOST_REQUIRE(user.connections == connections);
    std::set<std::string> shown;
    for (const auto& server : user.servers)
      shown.insert(folded(server));
    BOOST_REQUIRE((shown == on));
  }
  for (const auto& server : x.servers) {
    const auto& [users, s, c] = servers[folded(server.name)];
    BOOST_REQUIRE(server.users == users);
    BOOST_REQUIRE(server.sessions == s);
    BOOST_REQUIRE(server.connections == c);
  }
  BOOST_REQUIRE(x.servers.size() >= servers.size());
}

} // namespace

BOOST_AUTO_TEST_CASE(agrees_with_the_plain_rules_whatever_happens) {
  constexpr std::array directories{"LAB", "lab", "Corp"};
  constexpr std::array ids{"joe", "JOE", "ann", "bob", "Åke", "åke"};
  constexpr std::array hosts{"p1", "P1", "p2", "p3"};
  constexpr std::array kinds{starts, stops, opens, closes, event_kind::other};
  constexpr auto expire = 1h;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      const auto one_of = [&](const auto& xs) {
        return xs.at(random() % xs.size());
      };
      session_table table{{.expire = expire}};
      naive_table naive;
      auto now = noon;
      std::uint64_t expired_before = 0;
      for (int step = 0; step < 2'000; ++step) {
        now += std::chrono::seconds(random() % 120);
        if (random() % 300 == 0)
          now += 50min;
        const auto x = event_of(one_of(directories), one_of(ids), one_of(hosts),
                                one_of(kinds), now);
        table.apply(x);
        naive.apply(x);
        if (random() % 8 == 0) {
          table.sweep(now);
          naive.sweep(now, expire);
          BOOST_REQUIRE(expired_before + table.picture().expired
                        == naive.expired);
        }
        if (random() % 200 == 0) {
          expired_before += table.picture().expired;
          session_table next{{.expire = expire}};
          next.restore(table.snapshot());
          table = std::move(next);
        }
        check_same(table, naive);
      }
      BOOST_TEST(naive.expired > 0U);
    }
  }
}
