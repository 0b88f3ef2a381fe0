#include "base/header_field.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern {
namespace {

using testing::ElementsAre;

/// "name|body" of each.
std::vector<std::string> fields(std::string_view block) {
  std::vector<std::string> result;
  while (!block.empty()) {
    const auto field = take_header_field(block);
    result.push_back(field.is_empty_line()
                         ? "(empty)"
                         : std::string(field.name) + '|' + std::string(field.body));
  }
  return result;
}

TEST(HeaderField, ContinuationLinesBelongToIt) {
  EXPECT_THAT(fields("A: 1\r\n\t2\r\nB : 3\n 4\nC:"),
              ElementsAre("A| 1\r\n\t2\r\n", "B| 3\n 4\n", "C|"));
}

TEST(HeaderField, NothingContinuesTheEmptyLine) {
  EXPECT_THAT(fields("A: 1\r\n\r\n body"), ElementsAre("A| 1\r\n", "(empty)", "|"));
  EXPECT_THAT(fields("\n\n"), ElementsAre("(empty)", "(empty)"));
}

TEST(HeaderField, ALineWithoutAColonHasNoName) {
  EXPECT_THAT(fields("From ann Mon\r\n more\r\nA: 1"), ElementsAre("|", "A| 1"));
  EXPECT_THAT(fields(" no field"), ElementsAre("|"));
}

}  // namespace
}  // namespace postern
