#include "base/text.h"

#include <gtest/gtest.h>

#include "base/internationalized_domain.h"

namespace postern {
namespace {

TEST(Text, EightBitOctetsAreFoundWhereverTheyStand) {
  for (std::size_t size = 1; size < 200; ++size) {
    EXPECT_TRUE(is_ascii(std::string(size, '\x7F')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\x80';
      ASSERT_FALSE(is_ascii(text)) << at << " of " << size;
    }
  }
}

TEST(Text, UpperAndLowerCaseConcernAsciiOnly) {
  EXPECT_EQ(lower_case("AZ[\xC3\x89"), "az[\xC3\x89");
  EXPECT_EQ(upper_case("az{\xC3\xA9"), "AZ{\xC3\xA9");
  EXPECT_TRUE(equals_ignoring_case("Content-ID", "content-id"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(InternationalizedDomain, HasOneFormHoweverItIsWritten) {
  EXPECT_EQ(a_labels("B\xC3\xBC"
                     "cher.Example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(a_labels("stra\xC3\x9F"
                     "e.example"),
            "xn--strae-oqa.example");
  EXPECT_FALSE(
      a_labels("b\xFC"
               "cher.example"));
}

}  // namespace
}  // namespace postern
