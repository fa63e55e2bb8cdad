#include "actors/list_changes.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

using namespace signalbox;

namespace {

using names = std::map<std::string, std::string>;

struct row {
  names now;
  names then;
  list_changes changes;
  std::string words;
};

} // namespace

BOOST_AUTO_TEST_CASE(tells_what_a_reload_does) {
  const std::vector<row> rows{
    {{}, {}, {}, ""},
    {{{"a", "1"}}, {{"a", "1"}}, {}, ""},
    {{}, {{"a", "1"}}, {{"a"}, {}, {}}, "destinations: added 'a'"},
    {{{"a", "1"}}, {}, {{}, {}, {"a"}}, "destinations: removed 'a'"},
    {{{"a", "1"}}, {{"a", "2"}}, {{}, {"a"}, {}}, "destinations: changed 'a'"},
    // A new name is another thing, whatever it is made of.
    {{{"a", "1"}},
     {{"b", "1"}},
     {{"b"}, {}, {"a"}},
     "destinations: added 'b'; removed 'a'"},
    {{{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}, {"e", ""}},
     {{"a", "1"}, {"b", "2"}, {"c", "2"}, {"f", "1"}, {"g", ""}, {"e", ""}},
     {{"f", "g"}, {"b", "c"}, {"d"}},
     "destinations: added 'f', 'g'; changed 'b', 'c'; removed 'd'"},
  };
  for (const auto& x : rows) {
    BOOST_TEST_CONTEXT(x.words) {
      const auto changes = changes_between(x.now, x.then);
      BOOST_TEST((changes == x.changes));
      BOOST_TEST(changes.empty() == x.words.empty());
      BOOST_TEST(describe("destinations", changes) == x.words);
    }
  }
}
