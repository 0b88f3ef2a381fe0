#include "catcher/maildrop/maildrop.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/temporary_directory.h"

namespace postern::catcher {
namespace {

using State = Maildrop::Draft::State;

CaughtMessage keep(Maildrop& maildrop, std::string_view content, CaughtMessage message = {}) {
  const auto draft = maildrop.begin();
  EXPECT_TRUE(draft->reserve(100));
  draft->append(content);
  return maildrop.keep(*draft, std::move(message));
}

TEST(Maildrop, AMessageInMemoryIsNumberedAndComplete) {
  Maildrop maildrop(CatcherOptions{});
  EXPECT_EQ(keep(maildrop, "one").number, 1U);
  EXPECT_EQ(keep(maildrop, "two").number, 2U);
  ASSERT_EQ(maildrop.messages().size(), 2U);
  EXPECT_EQ(maildrop.messages()[1].content(), "two");
  EXPECT_EQ(maildrop.messages()[1].size, 3U);
}

TEST(Maildrop, AMessageInADirectoryIsAnEmlAndAJsonFile) {
  const test::TemporaryDirectory directory;
  Maildrop maildrop(CatcherOptions{.directory = directory.path() / "made" / "here"});
  CaughtMessage message;
  message.helo = "client.example";
  message.tls = "TLSv1.3";
  message.sender = {"a@example.com", {{"SIZE", "3"}, {"SMTPUTF8", ""}}};
  message.recipients = {{"b\xFF@example.com", {}}};
  message = keep(maildrop, "one", message);
  EXPECT_EQ(message.file, directory.path() / "made/here/000001.eml");
  EXPECT_EQ(message.content(), "one");

  std::ifstream file(directory.path() / "made/here/000001.json");
  const auto json = nlohmann::json::parse(file);
  EXPECT_EQ(json.at("number"), 1);
  EXPECT_EQ(json.at("helo"), "client.example");
  EXPECT_EQ(json.at("tls"), "TLSv1.3");
  EXPECT_TRUE(json.at("auth_user").is_null());
  EXPECT_EQ(json.at("sender").at("parameters").at("SIZE"), "3");
  EXPECT_TRUE(json.at("sender").at("parameters").at("SMTPUTF8").is_null());
  EXPECT_EQ(json.at("recipients").at(0).at("address"), "b\xEF\xBF\xBD@example.com");
  EXPECT_EQ(json.at("size"), 3);
  EXPECT_EQ(json.at("file"), "000001.eml");
}

TEST(Maildrop, AnEmptyMessageIsAFileToo) {
  const test::TemporaryDirectory directory;
  Maildrop maildrop(CatcherOptions{.directory = directory.path()});
  const CaughtMessage message = keep(maildrop, "");
  EXPECT_TRUE(std::filesystem::exists(message.file));
  EXPECT_EQ(message.content(), "");
}

TEST(Maildrop, NumbersGoOnBehindWhatIsInTheDirectory) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "000041.eml") << "kept";
  std::ofstream(directory.path() / "unrelated.txt") << "kept";
  Maildrop maildrop(CatcherOptions{.directory = directory.path()});
  EXPECT_EQ(keep(maildrop, "new").file.filename(), "000042.eml");
}

TEST(Maildrop, ADraftThatIsGivenUpLeavesNothingBehind) {
  const test::TemporaryDirectory directory;
  Maildrop maildrop(CatcherOptions{.directory = directory.path()});
  {
    const auto draft = maildrop.begin();
    draft->append("half a message");
    EXPECT_EQ(directory.names().size(), 1U);
  }
  EXPECT_EQ(directory.names().size(), 0U);
  EXPECT_EQ(maildrop.count(), 0U);
}

TEST(Maildrop, ContentBeyondTheMaximumIsTooBig) {
  const test::TemporaryDirectory directory;
  Maildrop maildrop(CatcherOptions{.directory = directory.path(), .maximum_message_size = 4});
  const auto draft = maildrop.begin();
  draft->append("1234");
  EXPECT_EQ(draft->state(), State::good);
  draft->append("5");
  EXPECT_EQ(draft->state(), State::too_big);
}

TEST(Maildrop, MemoryIsSharedByAllAndGivenBack) {
  Maildrop maildrop(CatcherOptions{.memory_limit = 4000});
  const auto first = maildrop.begin();
  first->append(std::string(2000, 'x'));
  EXPECT_EQ(first->state(), State::good);
  {
    const auto second = maildrop.begin();
    second->append(std::string(2000, 'x'));
    EXPECT_EQ(second->state(), State::no_room);
    EXPECT_FALSE(second->reserve(2000));
  }
  const auto third = maildrop.begin();
  third->append(std::string(900, 'x'));
  EXPECT_EQ(third->state(), State::good);
}

TEST(Maildrop, InMemoryNothingKeptIsForgotten) {
  Maildrop maildrop(CatcherOptions{.memory_limit = 4000});
  keep(maildrop, std::string(3000, 'x'));
  const auto draft = maildrop.begin();
  draft->append(std::string(3000, 'x'));
  EXPECT_EQ(draft->state(), State::no_room);
  EXPECT_EQ(maildrop.messages().size(), 1U);
}

TEST(Maildrop, WithADirectoryTheOldestAreForgottenButTheirFilesStay) {
  const test::TemporaryDirectory directory;
  Maildrop maildrop(CatcherOptions{.directory = directory.path(), .memory_limit = 4000});
  for (int i = 0; i < 20; ++i) keep(maildrop, "x");
  EXPECT_EQ(maildrop.count(), 20U);
  EXPECT_LT(maildrop.messages().size(), 20U);
  EXPECT_EQ(maildrop.messages().back().number, 20U);
  EXPECT_EQ(directory.names().size(), 40U);
}

TEST(Maildrop, ADirectoryThatCannotBeMadeIsOneSentence) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << "in the way";
  try {
    Maildrop maildrop(CatcherOptions{.directory = directory.path() / "file"});
    FAIL() << "a file was taken for a directory";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr((directory.path() / "file").string()));
  }
}

TEST(Maildrop, AMessageWhoseFileVanishedIsNotKept) {
  const test::TemporaryDirectory directory;
  Maildrop maildrop(CatcherOptions{.directory = directory.path() / "sub"});
  const auto draft = maildrop.begin();
  draft->append("content");
  std::filesystem::remove_all(directory.path() / "sub");
  EXPECT_THROW(maildrop.keep(*draft, {}), std::runtime_error);
  EXPECT_EQ(maildrop.count(), 0U);
}

}  // namespace
}  // namespace postern::catcher
