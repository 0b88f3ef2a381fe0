// A file that cannot be written leaves no partial file, and an error that says why.
#include <csignal>
#include <sys/resource.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

using test::failure_of;
using test::note;

/// Gives a part of what it promises and then fails, or just ends.
class FaultyContent final : public mapi::ContentSource {
 public:
  explicit FaultyContent(bool throws) : throws_(throws) {}
  [[nodiscard]] std::uint64_t size() const override { return 100'000; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(throws_);
  }

 private:
  class Reader final : public mapi::ContentReader {
   public:
    explicit Reader(bool throws) : throws_(throws) {}
    std::size_t read(std::span<std::byte> into) override {
      if (given_ >= 50'000) {
        if (throws_) throw mapi::Failure(mapi::MAPI_E_DISK_ERROR, "the source broke");
        return 0;
      }
      given_ += into.size();
      return into.size();
    }

   private:
    bool throws_;
    std::size_t given_ = 0;
  };

  bool throws_;
};

class Writing : public testing::Test {
 protected:
  static mapi::Message with(mapi::Content content) {
    auto message = note("subject");
    message.attachments.push_back(mapi::make_attachment("file", std::move(content)));
    return message;
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "message.msg";
};

TEST_F(Writing, ReplacesAnExistingFile) {
  write(note("old"), path_);
  write(note("new"), path_);
  EXPECT_EQ(read(path_).message.get(mapi::PR_SUBJECT), "new");
  EXPECT_THAT(directory_.names(), testing::ElementsAre("message.msg"));
}

TEST_F(Writing, ADirectoryThatDoesNotExistIsNamed) {
  const auto path = directory_ / "nowhere" / "message.msg";
  const auto failure = failure_of([&] { write(note("x"), path); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_NO_ACCESS);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path.string()));
  EXPECT_THAT(directory_.names(), testing::IsEmpty());
}

TEST_F(Writing, ATargetThatIsADirectoryLeavesNothingBehind) {
  std::filesystem::create_directory(path_);
  EXPECT_EQ(failure_of([&] { write(note("x"), path_); }).code(), mapi::MAPI_E_NO_ACCESS);
  EXPECT_THAT(directory_.names(), testing::ElementsAre("message.msg"));
}

TEST_F(Writing, AFailingSourceLeavesTheOldFile) {
  write(note("old"), path_);
  const auto message = with(mapi::Content(std::make_shared<FaultyContent>(true)));
  EXPECT_STREQ(failure_of([&] { write(message, path_); }).what(), "the source broke");
  EXPECT_EQ(read(path_).message.get(mapi::PR_SUBJECT), "old");
  EXPECT_THAT(directory_.names(), testing::ElementsAre("message.msg"));
}

TEST_F(Writing, ASourceShorterThanItSaysIsRefused) {
  const auto message = with(mapi::Content(std::make_shared<FaultyContent>(false)));
  EXPECT_EQ(failure_of([&] { write(message, path_); }).code(), mapi::MAPI_E_CORRUPT_DATA);
  EXPECT_THAT(directory_.names(), testing::IsEmpty());
}

/// Lets no file of this process grow above a number of octets.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t octets) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{octets, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  sighandler_t old_handler_{};
};

TEST_F(Writing, ADiskThatFillsUpAtAnyPointLeavesTheOldFile) {
  write(note("old"), path_);
  const auto message = with(mapi::Content::from_text(std::string(300'000, 'x')));
  for (const rlim_t octets : {0U, 100U, 512U, 70'000U, 200'000U, 300'000U, 302'000U, 304'000U}) {
    const auto failure = [&] {
      const FileSizeLimit limit(octets);
      return failure_of([&] { write(message, path_); });
    }();
    EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_ENOUGH_DISK) << octets << failure.what();
    EXPECT_EQ(read(path_).message.get(mapi::PR_SUBJECT), "old");
    EXPECT_THAT(directory_.names(), testing::ElementsAre("message.msg"));
  }
  write(message, path_);
  EXPECT_EQ(read(path_).message.attachments.at(0).data.size(), 300'000U);
}

}  // namespace
}  // namespace postern::msg
