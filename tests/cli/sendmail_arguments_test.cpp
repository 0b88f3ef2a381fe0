// The command line of sendmail(1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/option/usage_error.h"
#include "cli/sendmail/arguments.h"

namespace postern::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

using Words = std::vector<std::string>;

SendmailArguments parse(const Words& words) {
  return parse_sendmail_arguments(words);
}

std::string error_of(const Words& words) {
  try {
    parse(words);
    return {};
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(SendmailArguments, NameRecipients) {
  const auto arguments = parse({"bob@a.test", "carl"});
  EXPECT_THAT(arguments.recipients, ElementsAre("bob@a.test", "carl"));
  EXPECT_FALSE(arguments.takes_header_recipients);
  EXPECT_TRUE(arguments.ends_at_dot);
  EXPECT_EQ(arguments.envelope_sender, std::nullopt);
  EXPECT_FALSE(arguments.wanted_reports.has_value());
}

TEST(SendmailArguments, MayStandInOneWord) {
  for (const Words& words :
       {Words{"-tifann@a.test"}, Words{"-ti", "-fann@a.test"}, Words{"-it", "-f", "ann@a.test"},
        Words{"-t", "-oi", "-rann@a.test"}, Words{"-oitrue", "-t", "-r", "ann@a.test"},
        Words{"-t", "-o", "i", "-fann@a.test", "--"}}) {
    const auto arguments = parse(words);
    EXPECT_TRUE(arguments.takes_header_recipients) << words.front();
    EXPECT_FALSE(arguments.ends_at_dot) << words.front();
    EXPECT_THAT(arguments.envelope_sender, Optional(std::string("ann@a.test"))) << words.front();
    EXPECT_THAT(arguments.recipients, IsEmpty()) << words.front();
  }
}

TEST(SendmailArguments, EndBeforeTheRecipients) {
  EXPECT_THAT(parse({"-i", "--", "-t", "--"}).recipients, ElementsAre("-t", "--"));
  EXPECT_THAT(parse({"bob@a.test", "-t"}).recipients, ElementsAre("bob@a.test", "-t"));
  EXPECT_THAT(parse({"-", "-t"}).recipients, ElementsAre("-", "-t"));
  EXPECT_THAT(parse({"", "-t"}).recipients, ElementsAre("", "-t"));
  EXPECT_FALSE(parse({"bob@a.test", "-t"}).takes_header_recipients);
}

TEST(SendmailArguments, HaveValues) {
  EXPECT_THAT(parse({"-f", "<>", "a@b.test"}).envelope_sender, Optional(std::string()));
  EXPECT_THAT(parse({"-f<>", "a@b.test"}).envelope_sender, Optional(std::string()));
  EXPECT_EQ(parse({"-F", "Ann Example", "a@b.test"}).full_name, "Ann Example");
  EXPECT_EQ(parse({"-V", "x-1", "a@b.test"}).envelope_id, "x-1");
  // A value is one even if it looks like an option.
  EXPECT_EQ(parse({"-F", "-t", "a@b.test"}).full_name, "-t");
}

TEST(SendmailArguments, AskForReports) {
  struct Row {
    std::string value;
    bool success;
    bool failure;
  };
  for (const auto& row :
       {Row{"never", false, false}, Row{"success", true, false}, Row{"failure,delay", false, true},
        Row{"Delay", false, true}, Row{"success, failure", true, true}}) {
    const auto wanted = parse({"-N", row.value, "a@b.test"}).wanted_reports;
    ASSERT_TRUE(wanted.has_value()) << row.value;
    EXPECT_EQ(wanted->success, row.success) << row.value;
    EXPECT_EQ(wanted->failure, row.failure) << row.value;
  }
}

TEST(SendmailArguments, OfOtherProgramsAreIgnored) {
  for (const Words& words : {Words{"-bm"},
                             Words{"-b", "m"},
                             Words{"-Ac"},
                             Words{"-Am"},
                             Words{"-A", "c"},
                             Words{"-B8BITMIME"},
                             Words{"-B", "7bit"},
                             Words{"-C", "/etc/x"},
                             Words{"-d"},
                             Words{"-d0.1"},
                             Words{"-em"},
                             Words{"-e", "q"},
                             Words{"-G"},
                             Words{"-h", "3"},
                             Words{"-h3"},
                             Words{"-L", "cron"},
                             Words{"-Lcron"},
                             Words{"-O", "Timeout=1"},
                             Words{"-oem"},
                             Words{"-odi"},
                             Words{"-om"},
                             Words{"-o7"},
                             Words{"-oA/etc/aliases"},
                             Words{"-pESMTP"},
                             Words{"-R", "hdrs"},
                             Words{"-Rfull"},
                             Words{"-U"},
                             Words{"-v"},
                             Words{"-vvn"},
                             Words{"-X", "/tmp/log"},
                             Words{"-amcx"}}) {
    auto all = words;
    all.emplace_back("bob@a.test");
    const auto arguments = parse(all);
    EXPECT_THAT(arguments.recipients, ElementsAre("bob@a.test")) << words.front();
    EXPECT_TRUE(arguments.ends_at_dot) << words.front();
    EXPECT_FALSE(arguments.takes_header_recipients) << words.front();
  }
}

TEST(SendmailArguments, ForOtherTasksAreRefused) {
  struct Row {
    std::string option;
    std::string instead;
  };
  for (const auto& row :
       {Row{"-bs", "give it the mail itself"}, Row{"-bp", "`postern queue`"},
        Row{"-bd", "`postern spool`"}, Row{"-bD", "`postern spool`"}, Row{"-bl", "`postern spool`"},
        Row{"-bi", "no table of aliases"}, Row{"-I", "no table of aliases"},
        Row{"-bt", "no table of aliases"}, Row{"-bv", "by sending"}, Row{"-bh", "`postern status`"},
        Row{"-bH", "`postern flush`"}, Row{"-bz", "no such mode"}, Row{"-q", "`postern flush`"},
        Row{"-q30m", "`postern flush`"}, Row{"-qRa.test", "`postern flush`"},
        Row{"-XV", "one by one"}, Row{"-XV+=", "one by one"}}) {
    EXPECT_THAT(error_of({row.option, "bob@a.test"}), HasSubstr(row.instead)) << row.option;
  }
}

TEST(SendmailArguments, ThatAreWrongAreNamed) {
  EXPECT_THAT(error_of({}), HasSubstr("nobody is named"));
  EXPECT_THAT(error_of({"-i", "--"}), HasSubstr("nobody is named"));
  EXPECT_THAT(error_of({"-Z", "a@b.test"}), HasSubstr("no option '-Z'"));
  EXPECT_THAT(error_of({"--verbose", "a@b.test"}), HasSubstr("no option '--'"));
  EXPECT_THAT(error_of({"-tf"}), HasSubstr("-f needs a value"));
  EXPECT_THAT(error_of({"-t", "-f", ""}), HasSubstr("-f needs a value"));
  EXPECT_THAT(error_of({"-B", "BINARY", "a@b.test"}), HasSubstr("7BIT or 8BITMIME"));
  EXPECT_THAT(error_of({"-R", "some", "a@b.test"}), HasSubstr("hdrs or full"));
  EXPECT_THAT(error_of({"-N", "always", "a@b.test"}), HasSubstr("never or a list"));
  EXPECT_THAT(error_of({"-N", "never,success", "a@b.test"}), HasSubstr("never or a list"));
}

}  // namespace
}  // namespace postern::cli
