#include "catcher/depot.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "temporary_directory.h"

namespace postern::catcher {
namespace {

using State = Depot::Draft::State;

CaughtMessage keep(Depot& depot, std::string_view content, CaughtMessage message = {}) {
  const auto draft = depot.begin();
  EXPECT_TRUE(draft->reserve(100));
  draft->append(content);
  return depot.keep(*draft, std::move(message));
}

TEST(Depot, AMessageInMemoryIsNumberedAndComplete) {
  Depot depot(Options{});
  EXPECT_EQ(keep(depot, "one").number, 1U);
  EXPECT_EQ(keep(depot, "two").number, 2U);
  ASSERT_EQ(depot.messages().size(), 2U);
  EXPECT_EQ(depot.messages()[1].content(), "two");
  EXPECT_EQ(depot.messages()[1].size, 3U);
}

TEST(Depot, AMessageInADirectoryIsAnEmlAndAJsonFile) {
  const TemporaryDirectory directory;
  Depot depot(Options{.directory = directory.path() / "made" / "here"});
  CaughtMessage message;
  message.helo = "client.example";
  message.tls = "TLSv1.3";
  message.sender = {"a@example.com", {{"SIZE", "3"}, {"SMTPUTF8", ""}}};
  message.recipients = {{"b\xFF@example.com", {}}};
  message = keep(depot, "one", message);
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

TEST(Depot, AnEmptyMessageIsAFileToo) {
  const TemporaryDirectory directory;
  Depot depot(Options{.directory = directory.path()});
  const CaughtMessage message = keep(depot, "");
  EXPECT_TRUE(std::filesystem::exists(message.file));
  EXPECT_EQ(message.content(), "");
}

TEST(Depot, NumbersGoOnBehindWhatIsInTheDirectory) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "000041.eml") << "kept";
  std::ofstream(directory.path() / "unrelated.txt") << "kept";
  Depot depot(Options{.directory = directory.path()});
  EXPECT_EQ(keep(depot, "new").file.filename(), "000042.eml");
}

TEST(Depot, ADraftThatIsGivenUpLeavesNothingBehind) {
  const TemporaryDirectory directory;
  Depot depot(Options{.directory = directory.path()});
  {
    const auto draft = depot.begin();
    draft->append("half a message");
    EXPECT_EQ(directory.entries(), 1U);
  }
  EXPECT_EQ(directory.entries(), 0U);
  EXPECT_EQ(depot.count(), 0U);
}

TEST(Depot, ContentBeyondTheMaximumIsTooBig) {
  const TemporaryDirectory directory;
  Depot depot(Options{.directory = directory.path(), .maximum_message_size = 4});
  const auto draft = depot.begin();
  draft->append("1234");
  EXPECT_EQ(draft->state(), State::good);
  draft->append("5");
  EXPECT_EQ(draft->state(), State::too_big);
}

TEST(Depot, MemoryIsSharedByAllAndGivenBack) {
  Depot depot(Options{.memory_limit = 4000});
  const auto first = depot.begin();
  first->append(std::string(2000, 'x'));
  EXPECT_EQ(first->state(), State::good);
  {
    const auto second = depot.begin();
    second->append(std::string(2000, 'x'));
    EXPECT_EQ(second->state(), State::no_room);
    EXPECT_FALSE(second->reserve(2000));
  }
  const auto third = depot.begin();
  third->append(std::string(900, 'x'));
  EXPECT_EQ(third->state(), State::good);
}

TEST(Depot, InMemoryNothingKeptIsForgotten) {
  Depot depot(Options{.memory_limit = 4000});
  keep(depot, std::string(3000, 'x'));
  const auto draft = depot.begin();
  draft->append(std::string(3000, 'x'));
  EXPECT_EQ(draft->state(), State::no_room);
  EXPECT_EQ(depot.messages().size(), 1U);
}

TEST(Depot, WithADirectoryTheOldestAreForgottenButTheirFilesStay) {
  const TemporaryDirectory directory;
  Depot depot(Options{.directory = directory.path(), .memory_limit = 4000});
  for (int i = 0; i < 20; ++i) keep(depot, "x");
  EXPECT_EQ(depot.count(), 20U);
  EXPECT_LT(depot.messages().size(), 20U);
  EXPECT_EQ(depot.messages().back().number, 20U);
  EXPECT_EQ(directory.entries(), 40U);
}

TEST(Depot, ADirectoryThatCannotBeMadeIsOneSentence) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << "in the way";
  try {
    Depot depot(Options{.directory = directory.path() / "file"});
    FAIL() << "a file was taken for a directory";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr((directory.path() / "file").string()));
  }
}

TEST(Depot, AMessageWhoseFileVanishedIsNotKept) {
  const TemporaryDirectory directory;
  Depot depot(Options{.directory = directory.path() / "sub"});
  const auto draft = depot.begin();
  draft->append("content");
  std::filesystem::remove_all(directory.path() / "sub");
  EXPECT_THROW(depot.keep(*draft, {}), std::runtime_error);
  EXPECT_EQ(depot.count(), 0U);
}

}  // namespace
}  // namespace postern::catcher
