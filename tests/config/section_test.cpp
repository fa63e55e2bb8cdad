#include "config/section.hpp"
#include "tests/config/support.hpp"

#include <algorithm>

using namespace signalbox;
using namespace signalbox::config;

namespace {

/// A destination of a kind that this test reads; its keys start in line 4.
struct fixture {
  explicit fixture(const std::string& keys, variables xs = {},
                   const std::filesystem::path& folder = {})
    : doc(document::parse("[[destination]]\nname = 'd'\nkind = 'k'\n" + keys,
                          folder / "t.toml", environment_of(std::move(xs)))),
      options(doc.settings().destinations.at(0).options) {
    // nop
  }

  std::string mistakes() {
    return joined(lines_of(doc));
  }

  document doc;
  section options;
};

template <class T>
std::string names(const std::vector<std::pair<std::string, T>>& xs) {
  std::string out;
  for (const auto& [name, value] : xs)
    out += name + " ";
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(falls_back_where_a_key_is_absent) {
  fixture x("");
  BOOST_TEST(x.options.text("a", "b") == "b");
  BOOST_TEST(x.options.flag("a", true));
  BOOST_TEST(x.options.integer("a", 7, 1, 9) == 7);
  BOOST_TEST(x.options.number("a", 0.5, 1, 9) == 0.5);
  BOOST_TEST(
    (x.options.time("a", std::chrono::seconds{3}) == std::chrono::seconds{3}));
  BOOST_TEST(x.options.size("a", 5) == 5U);
  BOOST_TEST(x.options.rate("a", 5) == 5);
  BOOST_TEST(x.options.choice("a", 1, {"x", "y"}) == 1U);
  BOOST_TEST(x.options.texts("a").empty());
  BOOST_TEST(x.options.table_of_texts("a").empty());
  BOOST_TEST(x.options.table_of_secrets("a").empty());
  BOOST_TEST(x.options.secret_text("a").empty());
  BOOST_TEST(x.options.text_or_file("a", "b") == "b");
  BOOST_TEST((x.options.tls("tls") == tls_options{}));
  BOOST_TEST(x.options.table("a").table("b").text("c", "d") == "d");
  BOOST_TEST(x.options.tables("a").empty());
  BOOST_TEST(x.mistakes() == "");
  BOOST_TEST(x.options.good());
}

BOOST_AUTO_TEST_CASE(reads_what_is_there) {
  fixture x("a = 'text'\nb = true\nc = 3\nd = 2\ne = '5m'\nf = 10\n"
            "g = '60/m'\nh = 'y'\ni = ['p', 'q']\nj = 'p'\n"
            "[destination.k]\nz = '1'\ny = '2'\nx = '3'\n"
            "[[destination.l]]\nname = 'first'\n[[destination.l]]\n");
  BOOST_TEST(x.options.text("a") == "text");
  BOOST_TEST(x.options.flag("b", false));
  BOOST_TEST(x.options.integer("c", 0, 0, 9) == 3);
  BOOST_TEST(x.options.number("d", 0, 0, 9) == 2);
  BOOST_TEST((x.options.time("e", {}) == std::chrono::minutes{5}));
  BOOST_TEST(x.options.size("f", 0) == 10U);
  BOOST_TEST(x.options.rate("g", 0) == 1);
  BOOST_TEST(x.options.choice("h", 0, {"x", "y"}) == 1U);
  BOOST_TEST((x.options.texts("i") == std::vector<std::string>{"p", "q"}));
  BOOST_TEST((x.options.texts("j") == std::vector<std::string>{"p"}));
  BOOST_TEST(names(x.options.table_of_texts("k")) == "z y x ");
  auto tables = x.options.tables("l");
  BOOST_REQUIRE_EQUAL(tables.size(), 2U);
  BOOST_TEST(tables[0].text("name") == "first");
  BOOST_TEST(tables[0].label() == "destination.l 'first'");
  BOOST_TEST(tables[1].label() == "destination.l #2");
  BOOST_TEST(x.options.label() == "destination 'd'");
  BOOST_TEST(x.mistakes() == "");
}

BOOST_AUTO_TEST_CASE(copies_share_the_record_of_keys_that_were_asked_for) {
  fixture x("a = 1\nb = { c = 1 }\n");
  auto copy = x.options;
  copy.integer("a", 0, 0, 9);
  auto first = x.options.table("b");
  x.options.table("b").integer("c", 0, 0, 9);
  BOOST_TEST(x.mistakes() == "");
}

BOOST_AUTO_TEST_CASE(looking_whether_a_key_is_there_does_not_make_it_known) {
  fixture x("a = 1\n");
  BOOST_TEST(x.options.has("a"));
  BOOST_TEST(!x.options.has("b"));
  BOOST_TEST(x.mistakes() == "4:1: destination.a: unknown key\n");
}

BOOST_AUTO_TEST_CASE(a_section_outlives_its_document) {
  auto options = [] {
    return parse("[[destination]]\nname='d'\nkind='k'\na='b'\n")
      .settings()
      .destinations[0]
      .options;
  }();
  BOOST_TEST(options.text("a") == "b");
}

BOOST_AUTO_TEST_CASE(reads_secrets_from_the_file_or_inline) {
  temporary_folder folder;
  auto file = folder.write("token", "s3cret\r\n");
  fixture x("a = '${TOKEN}'\nb_file = 'token'\nc_file = '" + file.string()
              + "'\n",
            {{"TOKEN", "inline"}}, folder.path());
  BOOST_TEST(x.options.secret_text("a").reveal() == "inline");
  BOOST_TEST(x.options.secret_text("a").file() == "");
  BOOST_TEST(x.options.secret_text("b").reveal() == "s3cret");
  BOOST_TEST(x.options.secret_text("b").file() == file.string());
  BOOST_TEST(x.options.secret_text("c").reveal() == "s3cret");
  BOOST_TEST(x.options.text_or_file("b", "fallback") == "s3cret");
  x.options.require("b");
  BOOST_TEST(x.mistakes() == "");
}

BOOST_AUTO_TEST_CASE(takes_away_only_the_last_line_break_of_a_file) {
  temporary_folder folder;
  folder.write("template", "a\n\nb\n\n");
  fixture x("template_file = 'template'\n", {}, folder.path());
  BOOST_TEST(x.options.text_or_file("template") == "a\n\nb\n");
}

BOOST_AUTO_TEST_CASE(says_why_a_secret_file_is_no_good) {
  temporary_folder folder;
  folder.write("empty", "\n");
  folder.write("large", std::string(3 << 20, 'x'));
  fixture x("a_file = 'missing'\nb_file = 'empty'\nc = 'hush'\n"
            "c_file = 'empty'\nd_file = '.'\ne_file = ''\nf_file = 'large'\n"
            "g_file = 7\nh = 7\n",
            {}, folder.path());
  for (const auto* key : {"a", "b", "c", "d", "e", "f", "g", "h"})
    BOOST_TEST(x.options.secret_text(key).empty(), key);
  auto in = [&](const char* name) {
    return "'" + (folder.path() / name).string() + "'";
  };
  BOOST_TEST(
    x.mistakes()
    == "4:1: destination.a_file: cannot read " + in("missing")
         + ": No such file or directory\n"
           "5:1: destination.b_file: "
         + in("empty")
         + " is empty\n"
           "7:1: destination.c_file: 'c' is there, too; keep one of them\n"
           "8:1: destination.d_file: cannot read "
         + in(".")
         + ": Is a directory\n"
           "9:1: destination.e_file: must name a file\n"
           "10:1: destination.f_file: "
         + in("large")
         + " is larger than 1 MiB\n"
           "11:1: destination.g_file: expected the name of a file in quotes, "
           "found an integer\n"
           "12:1: destination.h: expected a text in quotes, found an "
           "integer\n");
}

BOOST_AUTO_TEST_CASE(reads_a_table_of_secrets_in_the_documents_order) {
  temporary_folder folder;
  folder.write("token", "Bearer x\n");
  fixture x("headers = { X-Team = 'bi', Authorization_file = 'token', A = 'b' "
            "}\n",
            {}, folder.path());
  auto headers = x.options.table_of_secrets("headers");
  BOOST_TEST(names(headers) == "X-Team Authorization A ");
  BOOST_TEST(headers.at(1).second.reveal() == "Bearer x");
  BOOST_TEST(x.mistakes() == "");
}

BOOST_AUTO_TEST_CASE(a_secret_and_its_file_at_once_are_a_mistake) {
  fixture x("headers = { A_file = 'token', A = 'hush' }\n");
  BOOST_TEST(x.options.table_of_secrets("headers").size() == 1U);
  BOOST_TEST(x.mistakes()
             == "4:13: destination.headers.A_file: 'A' is there, too; keep "
                "one of them\n");
}

BOOST_AUTO_TEST_CASE(reads_tls_under_a_key_or_in_the_table_itself) {
  temporary_folder folder;
  auto ca = folder.write("ca.pem", "pem").string();
  auto cert = folder.write("cert.pem", "pem").string();
  auto key = folder.write("key.pem", "pem").string();
  fixture x("tls = { ca = 'ca.pem', verify = false }\nca = '" + ca
              + "'\ncert = 'cert.pem'\nkey = 'key.pem'\n",
            {}, folder.path());
  BOOST_TEST((x.options.tls("tls") == tls_options{ca, "", "", false}));
  BOOST_TEST((x.options.tls("") == tls_options{ca, cert, key, true}));
  BOOST_TEST(x.options.text("ca") == ca);
  BOOST_TEST(x.mistakes() == "");
}

BOOST_AUTO_TEST_CASE(checks_the_files_of_tls) {
  temporary_folder folder;
  folder.write("cert.pem", "pem");
  fixture x("tls = { ca = 'ca.pem', cert = 'cert.pem' }\n", {}, folder.path());
  x.options.tls("tls");
  BOOST_TEST(x.mistakes()
             == "4:9: destination.tls.ca: cannot read '"
                  + (folder.path() / "ca.pem").string()
                  + "': No such file or directory\n"
                    "4:24: destination.tls.cert: 'cert' and 'key' need each "
                    "other\n");
}

BOOST_AUTO_TEST_CASE(reads_the_pin_of_a_key) {
  const std::string pin =
    "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  fixture x("tls = { pin = '" + pin + "' }\n");
  BOOST_TEST(x.options.tls("tls").pin == pin);
  BOOST_TEST(x.options.tls("tls").verify);
  BOOST_TEST(x.mistakes() == "");
}

BOOST_AUTO_TEST_CASE(a_pin_that_is_no_hash_is_a_mistake) {
  for (const auto* pin :
       {"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "sha256//",
        "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF=",
        "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUx",
        "sha256//47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
        // The last character holds two bits that no hash has.
        "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
        "sha1//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}) {
    fixture x(std::string{"tls = { pin = '"} + pin + "' }\n");
    BOOST_TEST(x.options.tls("tls").pin == "");
    BOOST_TEST(x.mistakes()
               == "4:9: destination.tls.pin: must be \"sha256//\" and the 44 "
                  "characters of base64 that a SHA-256 hash has\n");
  }
}

BOOST_AUTO_TEST_CASE(resolves_paths_from_the_files_folder) {
  fixture here("");
  BOOST_TEST(here.options.path("events.ndjson") == "events.ndjson");
  fixture etc("", {}, "/etc/signalbox");
  BOOST_TEST(etc.options.path("events.ndjson")
             == "/etc/signalbox/events.ndjson");
  BOOST_TEST(etc.options.path("/var/log/e") == "/var/log/e");
}

BOOST_AUTO_TEST_CASE(requires_a_key_or_its_file) {
  temporary_folder folder;
  folder.write("u", "x");
  fixture x("b = ''\nc = 3\nd = '${NONE}'\ne_file = 'u'\nf = 'x'\n", {},
            folder.path());
  for (const auto* key : {"a", "b", "c", "d", "e", "f"}) {
    x.options.require(key);
    x.options.secret_text(key);
  }
  BOOST_TEST(x.mistakes()
             == "1:1: destination.a: required, but missing\n"
                "4:1: destination.b: required, but empty\n"
                "5:1: destination.c: expected a text in quotes, found an "
                "integer\n"
                "6:5: destination.d: the environment variable 'NONE' is not "
                "set; set it, or write '${NONE:-default}'\n");
  BOOST_TEST(!x.options.good());
}

BOOST_AUTO_TEST_CASE(places_a_mistake_at_the_key_its_file_or_the_table) {
  fixture x("a = 'x'\nb_file = 'x'\nc = ['p',\n 'q']\n");
  for (const auto* key : {"a", "b_file", "c"})
    x.options.texts(key);
  x.options.mistake("a", "one");
  x.options.mistake("b", "two");
  x.options.mistake("c", 1, "three");
  x.options.mistake("a", 1, "dropped: the second about the same value");
  x.options.mistake("none", "four");
  x.options.mistake("", "five");
  BOOST_TEST(x.mistakes()
             == "1:1: destination.none: four\n"
                "1:1: destination: five\n"
                "4:1: destination.a: one\n"
                "5:1: destination.b: two\n"
                "7:2: destination.c: three\n");
}

BOOST_AUTO_TEST_CASE(says_one_thing_about_a_key_that_is_missing) {
  fixture x("b_file = '/nonexistent'\n");
  x.options.require("a");
  x.options.mistake("a", "is required");
  x.options.secret_text("b");
  x.options.mistake("b", "is required");
  BOOST_TEST(x.mistakes()
             == "1:1: destination.a: required, but missing\n"
                "4:1: destination.b_file: cannot read '/nonexistent': No such "
                "file or directory\n");
}

BOOST_AUTO_TEST_CASE(shows_a_value_with_its_variables_unreplaced) {
  fixture x("a = 'https://${HOST}/x'\nb = 'plain'\nc = 1\n",
            {{"HOST", "hush"}});
  BOOST_TEST(x.options.text("a") == "https://hush/x");
  BOOST_TEST(x.options.shown("a") == "'https://${HOST}/x'");
  BOOST_TEST(x.options.shown("b") == "'plain'");
  BOOST_TEST(x.options.shown("c") == "''");
}

BOOST_AUTO_TEST_CASE(secrets_are_never_part_of_a_mistake) {
  const std::string hush = "hush-hush";
  // Wherever a secret may end up by a slip: a wrong type, a wrong key, a
  // variable in a key that shows its value, a broken string.
  for (const auto* keys :
       {"url = ['hush-hush']\n", "url = { hush = 'hush-hush' }\n",
        "url = 'hush-hush'\nurl_file = 'x'\n", "url = 'hush-hush${'\n",
        "url = 'a${hush-hush}'\n", "urll = 'hush-hush'\n",
        "excess = '${HUSH}'\n", "timeout = '${HUSH}'\n", "rate = '${HUSH}'\n",
        "enabled = '${HUSH}'\n", "name2 = '${HUSH}'\n", "url = hush-hush\n",
        "url = \"hush-hush\n", "url = \"hush-hush\" hush-hush\n",
        "url = 'hush-hush\\'hush-hush'\n",
        "headers = { A = 'hush-hush' B = 'x' }\n"}) {
    auto text = "[[destination]]\nname = 'd'\nkind = 'k'\n" + std::string{keys};
    auto doc = parse(text, {{"HUSH", hush}});
    for (auto d : doc.settings().destinations) {
      d.options.secret_text("url");
      d.options.table_of_secrets("headers");
    }
    auto mistakes = joined(lines_of(doc));
    BOOST_TEST(!mistakes.empty(), keys);
    BOOST_TEST(mistakes.find(hush) == std::string::npos, mistakes);
  }
}

BOOST_AUTO_TEST_CASE(a_number_too_large_is_not_repeated) {
  auto lines = lines_of(parse("[admin]\ntoken = 98765432109876543210\n"));
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  BOOST_TEST(lines[0].find("9876") == std::string::npos, lines[0]);
  BOOST_TEST(lines[0].starts_with("2:"), lines[0]);
}

BOOST_AUTO_TEST_CASE(the_fingerprint_tells_whether_the_content_changed) {
  fixture a("b = 1\na = { x = 'y' }\n");
  fixture same("# a remark\na = { x = 'y' } \n\nb = 1\n");
  fixture other("b = 1\na = { x = 'z' }\n");
  fixture variable("b = 1\na = { x = '${X}' }\n", {{"X", "y"}});
  BOOST_TEST(a.options.fingerprint() == same.options.fingerprint());
  BOOST_TEST(a.options.fingerprint() == variable.options.fingerprint());
  BOOST_TEST(a.options.fingerprint() != other.options.fingerprint());
  BOOST_TEST(a.options.table("none").fingerprint() == "");
}

BOOST_AUTO_TEST_CASE(the_fingerprint_tells_whether_a_file_changed) {
  temporary_folder folder;
  const auto print = [&](const std::string& token) {
    folder.write("token", token);
    fixture x("b_file = 'token'\n[a]\nc = 1\n", {}, folder.path());
    x.options.secret_text("b");
    return x.options.fingerprint();
  };
  const auto before = print("old");
  BOOST_TEST(before == print("old\n"));
  BOOST_TEST(before != print("new"));
}
