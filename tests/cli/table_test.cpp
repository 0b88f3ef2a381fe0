#include "cli/output/table.h"

#include <gtest/gtest.h>

#include "cli/output/diagnostic.h"
#include "cli/output/time_text.h"

namespace postern::cli {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCellAndNoBlanksTrail) {
  Table table({"ID", "NAME", "ANSWER"});
  EXPECT_TRUE(table.empty());
  table.add({"1", "a longer name", "ok"});
  table.add({"22", "b", ""});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.text(),
            "ID  NAME           ANSWER\n"
            "1   a longer name  ok\n"
            "22  b\n");
}

TEST(Table, WideAndAccentedCharactersKeepTheColumnsStraight) {
  EXPECT_EQ(display_width("Gr\u00fc\u00dfe"), 5U);
  EXPECT_EQ(display_width("\u6f22\u5b57"), 4U);
  Table table({"NAME", "X"});
  table.add({"\u6f22\u5b57", "1"});
  EXPECT_EQ(table.text(), "NAME  X\n\u6f22\u5b57  1\n");
}

TEST(ForDisplay, NoControlCharacterReachesTheTerminal) {
  const auto shown = for_display("a\x1b[31mred\r\nb\x7f\u009b");
  EXPECT_EQ(shown.find_first_of("\x1b\r\n\x7f"), std::string::npos);
  EXPECT_EQ(shown.find("\u009b"), std::string::npos);
}

TEST(ForDisplay, CutsBetweenCharacters) {
  EXPECT_EQ(for_display("Gr\u00fc\u00dfe", 4), "Gr\u00fc\u2026");
  EXPECT_EQ(for_display("short", 5), "short");
}

TEST(SentenceAbout, NamesTheFileOnce) {
  EXPECT_EQ(file_diagnostic("a.msg", "it is empty"), "'a.msg': it is empty");
  EXPECT_EQ(file_diagnostic("a.msg", "'a.msg' is empty"), "'a.msg' is empty");
}

TEST(IsoTime, IsUtcToTheSecond) {
  using namespace std::chrono;
  const auto time = sys_days{year{2026} / 11 / 21} + hours{4} + minutes{12} + seconds{33};
  EXPECT_EQ(iso_time(mapi::FileTime::from(time)), "2026-11-21T04:12:33Z");
}

}  // namespace
}  // namespace postern::cli
