// Prints bodies that destinations send, one a line: a judge's name, a tab, the
// body. The judges are in judge.js.
#include "tests/destinations/configured.hpp"

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace signalbox;

struct subject {
  std::string_view judge;
  std::string_view keys;
};

constexpr std::string_view slack = "kind = \"slack\"\nurl = \"https://h\"\n";
constexpr std::string_view teams = "kind = \"teams\"\nurl = \"https://h\"\n";
constexpr std::string_view hook = "kind = \"webhook\"\nurl = \"https://h\"\n";

void print(std::string_view judge, const result<delivery_request>& made) {
  std::cout << judge << '\t' << std::get<http_request>(made.value()).body
            << '\n';
}

void dump(std::string_view judge, const std::string& keys, bool digests) {
  static const std::string long_text(10'000, '*');
  auto endless = test::mallory();
  endless.message = long_text;
  endless.host = long_text;
  const test::configured x{keys};
  for (const auto& event : {test::goran(), test::mallory(), endless})
    print(judge, test::shape(*x.it, event));
  if (!digests)
    return;
  digest single;
  single.add(test::mallory());
  for (const auto& sum : {single, test::storm(), test::hostile_flood()})
    print(judge, x.it->shape_digest(sum, "key"));
}

} // namespace

int main() {
  const std::string to_slack{slack};
  const std::string to_teams{teams};
  const std::string to_hook{hook};
  dump("slack", to_slack, true);
  dump("slack", to_slack + "template = \"{{message}}{{user}}\"\n", false);
  dump("slack",
       to_slack + "format = \"mrkdwn\"\ntemplate = \"*{{user}}* {{host}}\"\n",
       true);
  dump("teams", to_teams, true);
  dump("teams", to_teams + "template = \"{{message}}{{user}}\"\n", false);
  dump("adaptive-card", to_teams + "format = \"card\"\n", true);
  dump("cloudevents", to_hook + "body = \"cloudevents\"\n", false);
  dump("cloudevents-batch", to_hook + "body = \"cloudevents\"\nbatch = 2\n",
       false);
}
