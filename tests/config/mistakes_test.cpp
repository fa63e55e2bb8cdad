// What a user reads when a configuration is wrong: place, key, reason,
// suggestion.
#include "tests/config/support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace signalbox::config;

namespace data = boost::unit_test::data;

namespace {

/// The line of a mistake is where it stands in `toml`; `says` are all lines.
struct row {
  std::string toml;
  std::string says;
};

std::ostream& operator<<(std::ostream& out, const row& x) {
  return out << x.toml;
}

std::string unavailable(const std::string& place_and_key) {
  return place_and_key + ": not available in this version; remove it\n";
}

const std::vector<row> syntax{
  {"url = https://hooks.example/x\n",
   "1:7: Error while parsing value: could not determine value type; texts need "
   "quotes\n"},
  {"[node\n", "1:6: Error while parsing table header: expected ']', saw "
              "'\\n'\n"},
  {"[node]\nname = 'a'\nname = 'b'\n",
   "3:8: Error while parsing key-value pair: cannot redefine existing string "
   "'name'\n"},
  {"[node]\nname = front-desk\n",
   "2:9: Error while parsing boolean: expected 'false', saw '…'; texts need "
   "quotes\n"},
};

const std::vector<row> unknown_keys{
  {"nod = 1\n", "1:1: nod: unknown key, did you mean 'node'?\n"},
  {"[nodes]\n", "1:2: nodes: unknown key, did you mean 'node'?\n"},
  {"[node]\n  nmae = 'x'\n",
   "2:3: node.nmae: unknown key, did you mean 'name'?\n"},
  {"[node]\ncolour = 'x'\n", "2:1: node.colour: unknown key\n"},
  {"[[listen]]\nadress = '[::]:1'\n",
   "2:1: listen.adress: unknown key, did you mean 'address'?\n"},
  {"[journal]\nmax_bites = 1\n",
   "2:1: journal.max_bites: unknown key, did you mean 'max_bytes'?\n"},
  {"admin.tokn = 'x'\n",
   "1:7: admin.tokn: unknown key, did you mean 'token'?\n"},
  {"[\"a\\nb\"]\n", "1:2: a b: unknown key\n"},
};

const std::vector<row> types{
  {"node = 1\n", "1:1: node: expected a table, like { … }, found an "
                 "integer\n"},
  {"[[node]]\nname = 'x'\n",
   "1:3: node: expected one table, in single brackets, found a list\n"},
  {"[listen]\n", "1:2: listen: expected a list of tables; write "
                 "[[listen]]\n"},
  {"listen = ['[::]:9997']\n",
   "1:11: listen: expected a table, found a text\n"},
  {"[node]\nname = 7\n",
   "2:1: node.name: expected a text in quotes, found an integer\n"},
  {"[[listen]]\nworkers = '4'\n",
   "2:1: listen.workers: expected an integer, found a text\n"},
  {"[[listen]]\nworkers = 1.5\n",
   "2:1: listen.workers: expected an integer, found a number\n"},
  {"[[listen]]\nallow = true\n", "2:1: listen.allow: expected a text in "
                                 "quotes or a list of texts, found true or "
                                 "false\n"},
  {"[[listen]]\nallow = [\n  '::1',\n  7]\n",
   "4:3: listen.allow: expected a text in quotes, found an integer\n"},
  {"[duplicates]\nwindow = 2\n",
   "2:1: duplicates.window: expected a duration like \"10s\", found an "
   "integer\n"},
  {"[journal]\nmax_bytes = 1.5\n",
   "2:1: journal.max_bytes: expected a size like \"8MiB\", found a number\n"},
  {"[[limit]]\nrate = 20\n",
   "2:1: limit.rate: expected a rate like \"20/s\", found an integer\n"},
  {"[[limit]]\nburst = '1'\n",
   "2:1: limit.burst: expected a number, found a text\n"},
  {"[log]\nlevel = 2024-01-01\n",
   "2:1: log.level: expected a text in quotes, found a date or time\n"},
};

const std::vector<row> values{
  {"[node]\nname = ''\n", "2:1: node.name: must not be empty\n"},
  {"[node]\ndata_dir = ''\n", "2:1: node.data_dir: must not be empty\n"},
  {"[[listen]]\naddress = '::1:9997'\n",
   "2:1: listen.address: '::1:9997' needs brackets around its IPv6 address, "
   "like \"[::1]:9997\"\n"},
  {"[[listen]]\nformat = 'qlick'\n",
   "2:1: listen.format: unknown value 'qlick' (auto, qlik, json), did you "
   "mean 'qlik'?\n"},
  {"[[listen]]\nencoding = 'latin9'\n",
   "2:1: listen.encoding: unknown value 'latin9' (utf8, windows-1252)\n"},
  {"[[listen]]\nworkers = 0\n",
   "2:1: listen.workers: must be from 1 to 64, not 0\n"},
  {"[[listen]]\nworkers = 65\n",
   "2:1: listen.workers: must be from 1 to 64, not 65\n"},
  {"[[listen]]\nmax_datagram = 65508\n",
   "2:1: listen.max_datagram: must be from 1 to 65507, not 65508\n"},
  {"[[listen]]\nreceive_buffer = '8 MiB'\n",
   "2:1: listen.receive_buffer: '8 MiB' is no size: it has a space in it; "
   "write it like \"64KiB\", \"8MiB\" or \"4GiB\"\n"},
  {"[[listen]]\nreceive_buffer = '2GiB'\n",
   "2:1: listen.receive_buffer: must be more than 0 and at most 1GiB\n"},
  {"[[listen]]\nallow = []\n",
   "2:1: listen.allow: an empty list would let nobody in; leave the key out "
   "to let anyone in\n"},
  {"[[listen]]\nallow = ['::1', '10.0.0.0/40', 'lan']\n",
   "2:17: listen.allow: '10.0.0.0/40' has a wrong prefix; IPv4 has 0 to 32 "
   "bits\n"
   "2:32: listen.allow: 'lan' is no address block; write it like "
   "\"10.0.0.0/8\" or \"::1\"\n"},
  {"[[listen]]\nname = 'a'\n[[listen]]\nname = 'a'\naddress = '[::]:1'\n",
   "4:1: listen.name: 'a' is there twice; names must differ\n"},
  {"[[listen]]\n[[listen]]\naddress = '[::]:9997'\n",
   "3:1: listen.address: '[::]:9997' is there twice; use 'workers' for "
   "several sockets on one port\n"},
  {"[[exclude]]\nname = 'all'\n",
   "1:1: exclude: without a pattern it would exclude everything; name at "
   "least one of kind, command, host, user, app, origin, attributes\n"},
  {"[[exclude]]\nuser = []\n",
   "1:1: exclude: without a pattern it would exclude everything; name at "
   "least one of kind, command, host, user, app, origin, attributes\n"
   "2:1: exclude.user: an empty list holds for nothing; leave the key out\n"},
  {"[[exclude]]\nuser = 'a'\nname = 'x'\n[[exclude]]\nname = 'x'\nuser = "
   "'b'\n",
   "5:1: exclude.name: 'x' is there twice; names must differ\n"},
  {"[[limit]]\nkey = ['usr', 'host', 'context']\n",
   "2:8: limit.key: unknown field 'usr', did you mean 'user'?\n"
   "2:23: limit.key: unknown field 'context'\n"},
  {"[[limit]]\nburst = 0\n",
   "2:1: limit.burst: must be from 1 to 1e+09, not 0\n"},
  {"[[limit]]\nburst = nan\n",
   "2:1: limit.burst: must be from 1 to 1e+09, not nan\n"},
  {"[duplicates]\nkey = []\n",
   "2:1: duplicates.key: an empty list would make every event a "
   "duplicate\n"},
  {"[journal]\nmax_age = '0s'\n",
   "2:1: journal.max_age: must be longer than 0s\n"},
  {"[sessions]\nexpire = '59s'\n",
   "2:1: sessions.expire: must be from 1m to 30d\n"},
  {"[sessions]\nexpire = '31d'\n",
   "2:1: sessions.expire: must be from 1m to 30d\n"},
  {"[journal]\nlinger = '2m'\n",
   "2:1: journal.linger: must be from 0s to 1m\n"},
  {"[journal]\nmax_memory = 0\n",
   "2:1: journal.max_memory: must be more than 0\n"},
  {"[journal]\nmax_bytes = -1\n",
   "2:1: journal.max_bytes: must not be negative\n"},
  {"[journal]\nwhen_full = 'drop'\n",
   "2:1: journal.when_full: unknown value 'drop' (drop_oldest, "
   "drop_newest)\n"},
  {"[admin]\nlisten = '0.0.0.0:9796'\n",
   "2:1: admin.listen: '0.0.0.0:9796' can be reached from other machines: set "
   "'token' or 'token_file', too\n"},
  {"[admin]\nlisten = 'localhost:9796'\n",
   "2:1: admin.listen: 'localhost:9796' holds no IP address; write it like "
   "\"127.0.0.1:9997\" or \"[::]:9997\"\n"},
  {"[log]\nlevel = 'warn'\n",
   "2:1: log.level: unknown value 'warn' (error, warning, info, debug)\n"},
  {"[log]\nlevel = 'inof'\n",
   "2:1: log.level: unknown value 'inof' (error, warning, info, debug), did "
   "you mean 'info'?\n"},
  {"[apps.table]\n'guid' = 3\n",
   "2:1: apps.table.guid: expected a text in quotes, found an integer\n"},
};

const std::vector<row> destinations{
  {"[[destination]]\n", "1:1: destination.kind: required, but missing\n"
                        "1:1: destination.name: required, but missing\n"},
  {"[[destination]]\nname = ''\nkind = ''\n",
   "2:1: destination.name: required, but empty\n"
   "3:1: destination.kind: required, but empty\n"},
  {"[[destination]]\nname = 'ops slack'\nkind = 'console'\n",
   "2:1: destination.name: must be up to 64 letters, digits, '_', '.' or "
   "'-', the first a letter or a digit\n"},
  {"[[destination]]\nname = '..'\nkind = 'console'\n",
   "2:1: destination.name: must be up to 64 letters, digits, '_', '.' or "
   "'-', the first a letter or a digit\n"},
  {"[[destination]]\nname = '" + std::string(65, 'a') + "'\nkind = 'x'\n",
   "2:1: destination.name: must be up to 64 letters, digits, '_', '.' or "
   "'-', the first a letter or a digit\n"},
  {"[[destination]]\nname='a'\nkind='x'\n[[destination]]\nname='a'\nkind='x'"
   "\n",
   "5:1: destination.name: 'a' is there twice; names must differ\n"},
  {"[[destination]]\nname='a'\nkind='x'\nmatch = { usr = 'LAB/*' }\n",
   "4:1: destination.match: holds no pattern; leave it out, or name at least "
   "one of kind, command, host, user, app, origin, attributes\n"
   "4:11: destination.match.usr: unknown key, did you mean 'user'?\n"},
  {"[[destination]]\nname='a'\nkind='x'\n[destination.except]\n",
   "4:14: destination.except: holds no pattern; leave it out, or name at "
   "least one of kind, command, host, user, app, origin, attributes\n"},
  {"[[destination]]\nname='a'\nkind='x'\nstart='newest'\n",
   "4:1: destination.start: unknown value 'newest' (end, oldest)\n"},
  {"[[destination]]\nname='a'\nkind='x'\nexcess='fold'\ntimeout='0s'\n"
   "concurrency=0\nexpire='0s'\nburst=0.5\nenabled='yes'\n",
   "4:1: destination.excess: unknown value 'fold' (digest, wait, drop)\n"
   "5:1: destination.timeout: must be longer than 0s\n"
   "6:1: destination.concurrency: must be from 1 to 1000, not 0\n"
   "7:1: destination.expire: must be longer than 0s\n"
   "8:1: destination.burst: must be from 1 to 1e+09, not 0.5\n"
   "9:1: destination.enabled: expected true or false, found a text\n"},
  {"[[destination]]\nname='a'\nkind='x'\n"
   "retry = { attempts = -1, inital = '1s' }\n",
   "4:11: destination.retry.attempts: must be from 0 to 1000000, not -1\n"
   "4:26: destination.retry.inital: unknown key, did you mean 'initial'?\n"},
  {"[[destination]]\nname='a'\nkind='x'\nretry = { initial = '10m' }\n",
   "4:11: destination.retry.initial: 'initial' must not be longer than 'max' "
   "(5m if not given)\n"},
  {"[[light]]\n", "1:1: light.driver: required, but missing\n"
                  "1:1: light.name: required, but missing\n"},
  {"[[light]]\nname='a'\ndriver='x'\nmax_rate='fast'\n",
   "4:1: light.max_rate: 'fast' is no rate: it does not start with a number; "
   "write it like \"1/s\", \"60/m\" or \"3600/h\"\n"},
};

const std::vector<row> later_versions{
  {"[cluster]\nlisten = '0.0.0.0:9795'\npeers = ['hub:9795']\n",
   unavailable("1:2: cluster")},
  {"[journal.jetstream]\nurl = 'nats://n1:4222'\nreplicas = 3\n",
   unavailable("1:10: journal.jetstream")},
  {"[journal]\nstore = 'jetstream'\n",
   "2:1: journal.store: 'jetstream' is not available in this version; "
   "\"sqlite\" and \"memory\" are\n"},
  {"[journal]\nstore = 'sqlit'\n",
   "2:1: journal.store: unknown value 'sqlit' (sqlite, memory, jetstream), "
   "did you mean 'sqlite'?\n"},
  {"[[destination]]\nname='a'\nkind='x'\nnode='n'\nnodes=['n']\n",
   unavailable("4:1: destination.node")
     + unavailable("5:1: destination.nodes")},
  {"[[light]]\nname='a'\ndriver='x'\nnode='n'\n",
   unavailable("4:1: light.node")},
};

void expect(const row& x) {
  BOOST_TEST(joined(lines_of(parse(x.toml))) == x.says);
}

} // namespace

BOOST_DATA_TEST_CASE(places_a_syntax_error, data::make(syntax), x) {
  expect(x);
}

BOOST_DATA_TEST_CASE(reports_keys_that_nobody_knows, data::make(unknown_keys),
                     x) {
  expect(x);
}

BOOST_DATA_TEST_CASE(says_which_type_was_expected, data::make(types), x) {
  expect(x);
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_a_value, data::make(values), x) {
  expect(x);
}

BOOST_DATA_TEST_CASE(checks_the_keys_that_every_destination_and_light_has,
                     data::make(destinations), x) {
  expect(x);
}

BOOST_DATA_TEST_CASE(answers_keys_of_later_versions_once,
                     data::make(later_versions), x) {
  expect(x);
}

BOOST_AUTO_TEST_CASE(reports_ten_mistakes_at_once_in_order) {
  auto lines = lines_of(parse(R"([node]
nmae = "front-desk"

[[listen]]
address = "[::]"
workers = 100

[[limit]]
rate = "20"

[journal]
max_age = "1 week"

[[destination]]
name = "ops/slack"
kind = "${KIND}"
retry = { max = "0s" }

[log]
level = "inof"
color = true

[cluster]
)"));
  const std::vector<std::string> begins{
    "2:1: node.nmae: unknown key, did you mean 'name'?",
    "5:1: listen.address: '[::]' has no port",
    "6:1: listen.workers: must be from 1 to 64",
    "9:1: limit.rate: '20' is no rate: its unit is missing",
    "12:1: journal.max_age: '1 week' is no duration: it has a space in it",
    "15:1: destination.name: must be up to 64 letters",
    "16:8: destination.kind: the environment variable 'KIND' is not set",
    "17:11: destination.retry.max: must be longer than 0s",
    "20:1: log.level: unknown value 'inof'",
    "21:1: log.color: unknown key",
    "23:2: cluster: not available in this version"};
  BOOST_REQUIRE_EQUAL(lines.size(), begins.size());
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_TEST(lines[i].starts_with(begins[i]), lines[i]);
}

BOOST_AUTO_TEST_CASE(says_one_thing_about_a_value_whose_variable_is_missing) {
  auto lines = lines_of(parse("[[listen]]\n"
                              "address = \"${A}:${B}\"\n"
                              "allow = [\"::1\", \"${C}\"]\n"
                              "[log]\nlevel = \"${D}\"\n"));
  BOOST_REQUIRE_EQUAL(lines.size(), 4U);
  BOOST_TEST(lines[0].starts_with("2:11: listen.address: the environment "
                                  "variable 'A'"));
  BOOST_TEST(lines[1].starts_with("2:11: listen.address: the environment "
                                  "variable 'B'"));
  BOOST_TEST(lines[2].starts_with("3:17: listen.allow: the environment "
                                  "variable 'C'"));
  BOOST_TEST(lines[3].starts_with("5:9: log.level: the environment variable "
                                  "'D'"));
}

BOOST_AUTO_TEST_CASE(repeats_a_pattern_that_does_not_compile) {
  auto lines = lines_of(parse("[[exclude]]\nuser = ['LAB/*', '/(/']\n"
                              "[[destination]]\nname='a'\nkind='x'\n"
                              "match = { attributes = { team = '/[/' } }\n"
                              "except = { kind = 'sesion_start' }\n"));
  BOOST_REQUIRE_EQUAL(lines.size(), 3U);
  BOOST_TEST(lines[0].starts_with("2:18: exclude.user: "), lines[0]);
  BOOST_TEST(lines[0].find("/(/") != std::string::npos, lines[0]);
  BOOST_TEST(lines[1].starts_with("6:26: destination.match.attributes.team: "),
             lines[1]);
  BOOST_TEST(lines[2].starts_with("7:12: destination.except.kind: "), lines[2]);
  BOOST_TEST(lines[2].find("sesion_start") != std::string::npos, lines[2]);
}

BOOST_AUTO_TEST_CASE(cuts_long_values_between_characters) {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += "ä";
  auto lines = lines_of(parse("[log]\nlevel = '-" + text + "'\n"));
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  BOOST_TEST(lines[0].starts_with("2:1: log.level: unknown value '-"
                                  + text.substr(0, 58) + "…' ("),
             lines[0]);
}

BOOST_AUTO_TEST_CASE(keeps_each_mistake_on_one_line) {
  auto lines = lines_of(parse("[log]\nlevel = \"a\\nb\\u007f\\u001b[2J\"\n"));
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  BOOST_TEST(lines[0].starts_with("2:1: log.level: unknown value 'a b  [2J'"),
             lines[0]);
}

BOOST_AUTO_TEST_CASE(names_a_file_that_cannot_be_read) {
  auto x = document::read("/nonexistent/signalbox.toml", environment_of({}));
  auto mistakes = x.finish();
  BOOST_REQUIRE_EQUAL(mistakes.size(), 1U);
  BOOST_TEST(to_string(mistakes[0])
             == "/nonexistent/signalbox.toml: cannot read "
                "'/nonexistent/signalbox.toml': No such file or directory");
}

BOOST_AUTO_TEST_CASE(reports_the_same_when_asked_twice) {
  auto x = parse("[log]\nlevel = 'x'\nnope = 1\n");
  BOOST_TEST(x.finish().size() == 2U);
  BOOST_TEST(x.finish().size() == 2U);
}

BOOST_AUTO_TEST_CASE(does_not_call_keys_unknown_whose_reader_is_unknown) {
  auto x = parse("[[destination]]\nname='a'\nkind='slak'\nchannel='x'\n"
                 "[[light]]\nname='b'\nchip='x'\n");
  auto options = x.settings().destinations[0].options;
  options.mistake("kind", "unknown kind " + options.shown("kind"));
  BOOST_TEST(joined(lines_of(x))
             == "3:1: destination.kind: unknown kind 'slak'\n"
                "5:1: light.driver: required, but missing\n");
}
