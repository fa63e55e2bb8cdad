// What is wrong with a lamp's table, as its owner reads it.
#pragma once

#include "tests/lights/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace signalbox::lights::test {

/// The keys make no lamp, for one reason, which has these words.
inline void expect_one_mistake(std::string_view keys, std::string_view words) {
  const configured x{keys};
  BOOST_TEST(x.it == nullptr);
  BOOST_TEST_CONTEXT(keys << " gives " << x.complaint()) {
    BOOST_TEST(x.mistakes.size() == 1U);
    BOOST_TEST((x.complaint().find(words) != std::string::npos));
  }
}

} // namespace signalbox::lights::test
