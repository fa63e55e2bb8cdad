#include "tests/config/support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <array>
#include <chrono>
#include <unistd.h>

using namespace signalbox;
using namespace signalbox::config;
using namespace std::chrono_literals;

namespace {

/// The settings of a good file. Keys of kinds and drivers may stay unread.
configuration settings_of(std::string_view toml, variables xs = {}) {
  auto x = parse(toml, std::move(xs));
  for (const auto& mistake : x.finish())
    BOOST_ERROR(to_string(mistake));
  return x.settings();
}

using texts = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(an_empty_file_means_all_defaults) {
  auto x = settings_of("");
  std::array<char, 256> host{};
  BOOST_REQUIRE_EQUAL(gethostname(host.data(), host.size() - 1), 0);
  BOOST_TEST(x.node.name == host.data());
  BOOST_TEST(x.node.data_dir == "./signalbox-data");
  BOOST_REQUIRE_EQUAL(x.listen.size(), 1U);
  BOOST_TEST(x.listen[0].name == "user-events");
  BOOST_TEST(x.listen[0].host == "::");
  BOOST_TEST(x.listen[0].port == 9997);
  BOOST_TEST(x.listen[0].workers == 1U);
  BOOST_TEST(x.listen[0].receive_buffer == 8U << 20);
  BOOST_TEST(x.listen[0].max_datagram == 65'507U);
  BOOST_TEST(!x.listen[0].allow.has_value());
  BOOST_TEST((x.admission == admission_rules{}));
  BOOST_TEST((x.journal.store == store_kind::sqlite));
  BOOST_TEST((x.journal.linger == 50ms));
  BOOST_TEST((x.sessions.expire == 12h));
  BOOST_TEST(x.journal.max_bytes == std::uint64_t{4} << 30);
  BOOST_TEST((x.journal.max_age == 7 * 24h));
  BOOST_TEST(x.journal.max_memory == 64U << 20);
  BOOST_TEST((x.journal.full == when_full::drop_oldest));
  BOOST_TEST(x.apps.names_file.empty());
  BOOST_TEST(x.destinations.empty());
  BOOST_TEST(x.lights.empty());
  BOOST_TEST(x.admin.host == "127.0.0.1");
  BOOST_TEST(x.admin.port == 9796);
  BOOST_TEST(x.admin.token.empty());
  BOOST_TEST((x.log.level == log_level::info));
  BOOST_TEST((x.log.format == log_format::text));
}

BOOST_AUTO_TEST_CASE(reads_the_node_and_resolves_its_folder) {
  auto x = document::parse("[node]\nname = 'front-desk'\ndata_dir = 'data'\n",
                           "/etc/signalbox/s.toml", environment_of({}));
  BOOST_TEST(x.finish().empty());
  BOOST_TEST(x.settings().node.name == "front-desk");
  BOOST_TEST(x.settings().node.data_dir == "/etc/signalbox/data");
}

BOOST_AUTO_TEST_CASE(reads_listeners) {
  auto x = settings_of(R"(
[[listen]]
name = "old"
address = "0.0.0.0:0"
format = "qlik"
encoding = "windows-1252"
workers = 4
receive_buffer = "1MiB"
allow = ["10.0.0.0/8", "::1"]
max_datagram = 512

[[listen]]
address = "[fe80::1]:0"
format = "json"
allow = "127.0.0.1"
)");
  BOOST_REQUIRE_EQUAL(x.listen.size(), 2U);
  const auto& a = x.listen[0];
  BOOST_TEST(a.name == "old");
  BOOST_TEST(a.host == "0.0.0.0");
  BOOST_TEST(a.port == 0);
  BOOST_TEST((a.format == wire_format::qlik));
  BOOST_TEST((a.encoding == wire_encoding::windows_1252));
  BOOST_TEST(a.workers == 4U);
  BOOST_TEST(a.receive_buffer == 1U << 20);
  BOOST_TEST((a.allow.value() == texts{"10.0.0.0/8", "::1"}));
  BOOST_TEST(a.max_datagram == 512U);
  const auto& b = x.listen[1];
  BOOST_TEST(b.name == "user-events-2");
  BOOST_TEST(b.host == "fe80::1");
  BOOST_TEST((b.format == wire_format::json));
  BOOST_TEST((b.encoding == wire_encoding::utf8));
  BOOST_TEST((b.allow.value() == texts{"127.0.0.1"}));
}

BOOST_AUTO_TEST_CASE(reads_what_may_pass_the_entrance) {
  auto x = settings_of(R"(
[[exclude]]
name = "service accounts"
user = "INTERNAL/sa_*"

[[exclude]]
kind = ["session_stop", "connection_close"]
attributes = { team = ["bi", "/^x/"], region = "eu" }

[[limit]]
name = "per user"
key = ["user", "source"]
rate = "90/m"
burst = 2.5

[[limit]]

[duplicates]
window = "2s"
key = ["host", "context"]
)")
             .admission;
  BOOST_REQUIRE_EQUAL(x.excludes.size(), 2U);
  BOOST_TEST(x.excludes[0].name == "service accounts");
  BOOST_TEST((x.excludes[0].match.user == texts{"INTERNAL/sa_*"}));
  BOOST_TEST(x.excludes[1].name == "exclude-2");
  BOOST_TEST(
    (x.excludes[1].match.kind == texts{"session_stop", "connection_close"}));
  BOOST_TEST(
    (x.excludes[1].match.attributes.at("team") == texts{"bi", "/^x/"}));
  BOOST_TEST((x.excludes[1].match.attributes.at("region") == texts{"eu"}));
  BOOST_REQUIRE_EQUAL(x.limits.size(), 2U);
  BOOST_TEST((
    x.limits[0]
    == limit_rule{"per user", {key_field::user, key_field::source}, 1.5, 2.5}));
  BOOST_TEST((x.limits[1] == limit_rule{"limit-2", {}, 20, 100}));
  BOOST_TEST((x.duplicates
              == duplicate_rule{2s, {key_field::host, key_field::context}}));
}

BOOST_AUTO_TEST_CASE(reads_journal_apps_and_log) {
  auto x = document::parse(R"(
[sessions]
expire = "30d"
[journal]
store = "memory"
linger = "0s"
max_bytes = 1000
max_age = "1h"
max_memory = "1KiB"
when_full = "drop_newest"
[apps]
names = "apps.csv"
[apps.table]
"b" = "Sales"
"a" = "Ops"
[log]
level = "debug"
format = "json"
)",
                           "/etc/s.toml", environment_of({}));
  BOOST_TEST(x.finish().empty());
  const auto& s = x.settings();
  BOOST_TEST((s.journal.store == store_kind::memory));
  BOOST_TEST((s.journal.linger == 0s));
  BOOST_TEST((s.sessions.expire == 30 * 24h));
  BOOST_TEST(s.journal.max_bytes == 1000U);
  BOOST_TEST((s.journal.max_age == 1h));
  BOOST_TEST(s.journal.max_memory == 1024U);
  BOOST_TEST((s.journal.full == when_full::drop_newest));
  BOOST_TEST(s.apps.names_file == "/etc/apps.csv");
  BOOST_REQUIRE_EQUAL(s.apps.table.size(), 2U);
  BOOST_TEST(s.apps.table[0].first == "b");
  BOOST_TEST(s.apps.table[0].second == "Sales");
  BOOST_TEST((s.log.level == log_level::debug));
  BOOST_TEST((s.log.format == log_format::json));
}

BOOST_AUTO_TEST_CASE(reads_what_every_destination_has) {
  auto x = settings_of(R"(
[[destination]]
name = "ops-slack"
kind = "slack"
match = { kind = ["session_start", "session_stop"], user = "LAB/*", app = "*" }
except = { user = ["LAB/testuser1", "INTERNAL/*"], host = "h?", origin = "o", command = "c" }
rate = "1/s"
burst = 3
excess = "drop"
timeout = "2s"
concurrency = 4
expire = "1h"
retry = { attempts = 0, initial = "100ms", max = "1m" }
enabled = false
start = "oldest"

[[destination]]
name = "plain"
kind = "console"
)");
  BOOST_REQUIRE_EQUAL(x.destinations.size(), 2U);
  const auto& a = x.destinations[0];
  BOOST_TEST(a.name == "ops-slack");
  BOOST_TEST(a.kind == "slack");
  BOOST_TEST((a.match.kind == texts{"session_start", "session_stop"}));
  BOOST_TEST((a.match.user == texts{"LAB/*"}));
  BOOST_TEST((a.match.app == texts{"*"}));
  BOOST_TEST((a.except.value().user == texts{"LAB/testuser1", "INTERNAL/*"}));
  BOOST_TEST((a.except.value().host == texts{"h?"}));
  BOOST_TEST((a.except.value().origin == texts{"o"}));
  BOOST_TEST((a.except.value().command == texts{"c"}));
  BOOST_TEST(a.rate.value() == 1);
  BOOST_TEST(a.burst.value() == 3);
  BOOST_TEST(a.excess.value() == 2U);
  BOOST_TEST((a.timeout == 2s));
  BOOST_TEST(a.concurrency == 4U);
  BOOST_TEST((a.expire.value() == 1h));
  BOOST_TEST(a.retry.attempts == 0U);
  BOOST_TEST((a.retry.initial == 100ms));
  BOOST_TEST((a.retry.max == 1min));
  BOOST_TEST(!a.enabled);
  BOOST_TEST(a.from_oldest);
  const auto& b = x.destinations[1];
  BOOST_TEST(b.match.empty());
  BOOST_TEST(!b.except.has_value());
  BOOST_TEST(!b.rate.has_value());
  BOOST_TEST(!b.burst.has_value());
  BOOST_TEST(!b.excess.has_value());
  BOOST_TEST((b.timeout == 10s));
  BOOST_TEST(b.concurrency == 1U);
  BOOST_TEST(!b.expire.has_value());
  BOOST_TEST(b.retry.attempts == 10U);
  BOOST_TEST((b.retry.initial == 1s));
  BOOST_TEST((b.retry.max == 5min));
  BOOST_TEST(b.enabled);
  BOOST_TEST(!b.from_oldest);
}

BOOST_AUTO_TEST_CASE(leaves_other_keys_to_the_kind_and_the_driver) {
  auto x = parse(R"(
[[destination]]
name = "d"
kind = "mqtt"
qos = 2
[destination.topics]
session_start = "a/b"

[[light]]
name = "desk"
driver = "virtual"
max_rate = "5/s"
idle = { color = "off" }
[[light.on]]
match = { kind = "connection_open" }
)");
  auto d = x.settings().destinations.at(0);
  BOOST_TEST(d.options.integer("qos", 1, 0, 2) == 2);
  BOOST_TEST(d.options.table_of_texts("topics").at(0).second == "a/b");
  auto l = x.settings().lights.at(0);
  BOOST_TEST(l.name == "desk");
  BOOST_TEST(l.driver == "virtual");
  BOOST_TEST(l.max_rate.value() == 5);
  BOOST_TEST(l.options.table("idle").text("color") == "off");
  BOOST_TEST(joined(lines_of(x)) == "14:9: light.on: unknown key\n");
}

BOOST_AUTO_TEST_CASE(a_destination_and_a_light_may_share_a_name) {
  auto x = settings_of("[[destination]]\nname='desk'\nkind='x'\n"
                       "[[light]]\nname='desk'\ndriver='x'\n");
  BOOST_TEST(x.lights.at(0).name == x.destinations.at(0).name);
}

BOOST_AUTO_TEST_CASE(the_admin_interface_is_off_without_an_address) {
  BOOST_TEST(settings_of("[admin]\nlisten = ''\n").admin.host.empty());
}

BOOST_AUTO_TEST_CASE(the_admin_interface_opens_up_with_a_token) {
  temporary_folder folder;
  folder.write("admin.token", "hush\n");
  auto inline_token =
    settings_of("[admin]\nlisten = '[::]:0'\ntoken = '${T}'\n", {{"T", "t"}});
  BOOST_TEST(inline_token.admin.host == "::");
  BOOST_TEST(inline_token.admin.port == 0);
  BOOST_TEST(inline_token.admin.token.reveal() == "t");
  auto x = document::parse(
    "[admin]\nlisten = '10.0.0.1:80'\ntoken_file = 'admin.token'\n",
    folder.path() / "s.toml", environment_of({}));
  BOOST_TEST(x.finish().empty());
  BOOST_TEST(x.settings().admin.token.reveal() == "hush");
  BOOST_TEST(x.settings().admin.token.file()
             == (folder.path() / "admin.token").string());
}

BOOST_AUTO_TEST_CASE(replaces_variables_in_every_string) {
  auto x = settings_of("[node]\nname = \"${N}-1\"\n"
                       "[[listen]]\nallow = [\"${NET}\", \"::1\"]\n"
                       "[[destination]]\nname = \"a\"\nkind = \"k\"\n"
                       "match = { attributes = { t = [\"${N}\"] } }\n"
                       "timeout = \"${TIMEOUT:-3s}\"\n",
                       {{"N", "node"}, {"NET", "10.0.0.0/8"}});
  BOOST_TEST(x.node.name == "node-1");
  BOOST_TEST((x.listen[0].allow.value() == texts{"10.0.0.0/8", "::1"}));
  BOOST_TEST((x.destinations[0].match.attributes.at("t") == texts{"node"}));
  BOOST_TEST((x.destinations[0].timeout == 3s));
}

BOOST_AUTO_TEST_CASE(a_file_with_a_byte_order_mark_and_crlf_is_good) {
  auto x = settings_of("\xef\xbb\xbf[node]\r\nname = \"n\"\r\n");
  BOOST_TEST(x.node.name == "n");
}
