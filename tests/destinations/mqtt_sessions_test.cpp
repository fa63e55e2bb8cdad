// Who is active, as publications; configured as a user would.
#include "destinations/mqtt/session_topics.hpp"
#include "destinations/session_publisher.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

using namespace signalbox;
using test::configured;

namespace {

constexpr auto broker = "kind = \"mqtt\"\nurl = \"mqtt://h\"\n";

session_picture picture(std::vector<std::string> ids,
                        std::vector<active_server> servers) {
  session_picture x;
  for (auto& id : ids) {
    auto& user = x.users.emplace_back();
    user.directory = "LAB";
    user.id = std::move(id);
  }
  x.servers = std::move(servers);
  return x;
}

struct board {
  explicit board(std::string_view keys = "sessions = { publish = true }")
    : made(std::string{broker}.append(keys)) {
    BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
    it = made.it->sessions();
    BOOST_TEST_REQUIRE(it != nullptr);
  }

  /// "topic payload, topic payload" of one request; "-": there is none.
  std::string shape(const session_picture& x) {
    const auto request = it->shape(x);
    if (!request)
      return "-";
    last = std::get<mqtt_request>(*request);
    std::string text;
    for (const auto& [topic, payload] : last.publications)
      text += (text.empty() ? "" : ", ") + topic + " " + payload;
    return text;
  }

  /// The broker took all of it.
  void took(std::uint64_t connection = 1) {
    answer({last.publications.size(), {}, false, connection});
  }

  std::string answer(mqtt_answer x) {
    return it->judge(std::move(x));
  }

  configured made;
  std::unique_ptr<session_publisher> it;
  mqtt_request last;
};

} // namespace

BOOST_AUTO_TEST_CASE(publishes_a_count_the_ids_and_a_count_for_each_server) {
  board x;
  BOOST_TEST(x.shape(picture({"ann", "jo\"e"}, {{"p1", 2}, {"p2", 1}}))
             == "qliksense/users/active/count 2, "
                "qliksense/users/active/usernames [\"ann\",\"jo\\\"e\"], "
                "qliksense/users/activeperserver/p1/count 2, "
                "qliksense/users/activeperserver/p2/count 1");
}

BOOST_AUTO_TEST_CASE(nobody_is_published_too) {
  board x;
  BOOST_TEST(x.shape({})
             == "qliksense/users/active/count 0, "
                "qliksense/users/active/usernames []");
}

BOOST_AUTO_TEST_CASE(only_what_has_changed_is_published) {
  board x;
  x.shape(picture({"ann"}, {{"p1", 1}, {"p2", 0}}));
  x.took();
  BOOST_TEST(x.shape(picture({"ann"}, {{"p1", 1}, {"p2", 0}})) == "-");
  BOOST_TEST(x.shape(picture({"ann"}, {{"p1", 1}, {"p2", 1}}))
             == "qliksense/users/activeperserver/p2/count 1");
  x.took();
  BOOST_TEST(x.shape(picture({"bob"}, {{"p1", 1}, {"p2", 1}}))
             == "qliksense/users/active/usernames [\"bob\"]");
}

BOOST_AUTO_TEST_CASE(a_server_that_is_gone_gets_a_zero_once) {
  board x;
  x.shape(picture({"ann"}, {{"p1", 1}}));
  x.took();
  const auto gone = picture({"ann"}, {});
  BOOST_TEST(x.shape(gone) == "qliksense/users/activeperserver/p1/count 0");
  x.took();
  BOOST_TEST(x.shape(gone) == "-");
  x.took();
  BOOST_TEST(x.shape(picture({"ann"}, {{"p1", 1}}))
             == "qliksense/users/activeperserver/p1/count 1");
}

BOOST_AUTO_TEST_CASE(what_was_not_acknowledged_is_published_again) {
  board x;
  const auto all = x.shape(picture({"ann"}, {{"p1", 1}}));
  BOOST_TEST(x.answer({2, "mqtt://h:1883: gone", false, 1})
             == "mqtt://h:1883: gone");
  BOOST_TEST(x.shape(picture({"ann"}, {{"p1", 1}})) == all);
  x.answer({2, "gone", false, 1});
  // The last wish wins, and the server that left meanwhile is not forgotten.
  BOOST_TEST(x.shape({})
             == "qliksense/users/active/count 0, "
                "qliksense/users/active/usernames [], "
                "qliksense/users/activeperserver/p1/count 0");
}

BOOST_AUTO_TEST_CASE(everything_is_published_again_on_a_new_connection) {
  board x;
  const auto someone = picture({"ann"}, {{"p1", 1}});
  const auto all = x.shape(someone);
  x.took();
  BOOST_TEST(std::get<mqtt_request>(x.it->probe()).publications.empty());
  x.answer({0, {}, false, 1});
  BOOST_TEST(x.shape(someone) == "-");
  x.it->probe();
  x.answer({0, {}, false, 2});
  BOOST_TEST(x.shape(someone) == all);
  x.took(2);
  BOOST_TEST(x.shape(someone) == "-");
  // Noticed while something was published: that much the new one knows.
  x.shape(picture({"bob"}, {{"p1", 1}}));
  x.took(3);
  BOOST_TEST(x.shape(picture({"bob"}, {{"p1", 1}}))
             == "qliksense/users/active/count 1, "
                "qliksense/users/activeperserver/p1/count 1");
}

BOOST_AUTO_TEST_CASE(names_of_servers_stay_one_level) {
  board x;
  BOOST_TEST(x.shape(picture({"ann"}, {{"", 1}, {"a/+#", 2}, {"a/_#", 3}}))
             == "qliksense/users/active/count 1, "
                "qliksense/users/active/usernames [\"ann\"], "
                "qliksense/users/activeperserver/_/count 1, "
                // Two names, one topic: together.
                "qliksense/users/activeperserver/a___/count 5");
}

BOOST_AUTO_TEST_CASE(what_is_published_is_bounded) {
  board x;
  session_picture crowd;
  for (int i = 0; i < 20'000; ++i) {
    crowd.users.emplace_back().id = "u";
    crowd.servers.push_back({"p" + std::to_string(i), 1});
  }
  x.shape(crowd);
  BOOST_TEST(x.last.publications.size()
             == mqtt::session_topics::max_servers + 2);
  BOOST_TEST(x.last.publications[0].payload == "20000");
  BOOST_TEST(x.last.publications[1].payload.size()
             == 4 * mqtt::session_topics::max_usernames + 1);
  // Others each time, and a broker that is never there.
  for (int round = 0; round < 20; ++round) {
    for (auto& server : crowd.servers)
      server.name += "x";
    x.answer({0, "gone", false, 0});
    x.shape(crowd);
    BOOST_TEST(x.last.publications.size()
               <= 3 * mqtt::session_topics::max_servers + 2);
  }
}

BOOST_AUTO_TEST_CASE(topics_can_be_others_or_none) {
  board x{"sessions = { publish = true, retain = true }\nqos = 2\n"
          "topics = { active_count = \"here\", active_usernames = \"\", "
          "active_per_server = \"on/{{host}}\" }"};
  BOOST_TEST(x.shape(picture({"ann"}, {{"p1", 1}})) == "here 1, on/p1 1");
  BOOST_TEST(x.last.retain);
  BOOST_TEST(x.last.qos == 2);
}

BOOST_AUTO_TEST_CASE(the_connection_is_one_of_its_own) {
  board x{"sessions = { publish = true }\nclient_id = \"box\"\n"
          "username = \"u\"\nstatus_topic = \"s\""};
  const auto options = std::get<net::mqtt_options>(x.it->open_transport());
  BOOST_TEST(options.client_id == "box-sessions");
  BOOST_TEST(options.username == "u");
  BOOST_TEST(!options.last_will);
  BOOST_TEST(!options.online);
  board anonymous;
  BOOST_TEST(
    std::get<net::mqtt_options>(anonymous.it->open_transport()).client_id
    == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_published_unless_asked) {
  for (const auto* keys : {"", "sessions = {}\n",
                           "sessions = { retain = true }"
                           "\n"}) {
    const configured x{std::string{broker} + keys};
    BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
    BOOST_TEST((x.it->sessions() == nullptr));
  }
}

BOOST_AUTO_TEST_CASE(a_broker_for_active_users_needs_no_other_topics) {
  const auto no_events =
    "topics = { session_start = \"\", session_stop = \"\", "
    "connection_open = \"\", connection_close = \"\" }\n";
  const configured x{std::string{broker} + no_events
                     + "sessions = { publish = true }\n"};
  BOOST_TEST(x.complaint() == "");
  const configured silent{std::string{broker} + no_events};
  BOOST_TEST(silent.complaint().find("nothing would be published")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(mistakes_in_topics_are_named) {
  struct {
    std::string_view topics;
    std::string_view says;
  } const rows[]{
    {"active_count = \"a/+\"", "active_count: the topic has a wildcard"},
    {"active_count = \"a/{{host}}\"", "active_count: is one topic for all"},
    {"active_usernames = \"#\"", "active_usernames: the topic has a wildcard"},
    {"active_per_server = \"a\"", "active_per_server: needs {{host}}"},
    {"active_per_server = \"{{kind}}\"", "active_per_server: needs {{host}}"},
    {"active_per_server = \"a/{{{host}}}\"", "always escaped"},
    {"active_per_server = \"{{hots}}\"", "active_per_server: "},
    {"active_count = \"\", active_usernames = \"\", active_per_server = \"\"",
     "all topics of active users are empty"},
  };
  for (const auto& row : rows) {
    const configured x{std::string{broker} + "sessions = { publish = true }\n"
                       + "topics = { " + std::string{row.topics} + " }\n"};
    BOOST_TEST(x.complaint().find(row.says) != std::string::npos,
               row.topics << ": " << x.complaint());
  }
}
