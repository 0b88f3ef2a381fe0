// How often the disk is waited for, counted in the write-ahead log of the SQLite store.
#include <fstream>
#include <iterator>

#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

class Commits : public MailSystem {
 protected:
  /// The frames of the log that end a transaction: their second word, the size of the file behind
  /// it, is not 0 (https://www.sqlite.org/fileformat2.html#walformat).
  [[nodiscard]] int count() const {
    constexpr std::size_t log_header = 32;
    constexpr std::size_t frame_header = 24;
    std::ifstream file(directory.path() / "store-wal", std::ios::binary);
    const std::string log{std::istreambuf_iterator<char>(file), {}};
    const auto word = [&log](std::size_t at) {
      std::uint32_t value = 0;
      for (std::size_t i = at; i < at + 4; ++i) {
        value = (value << 8U) | static_cast<unsigned char>(log.at(i));
      }
      return value;
    };
    if (log.size() < log_header) return 0;
    const std::size_t frame = frame_header + word(8);
    int commits = 0;
    for (auto at = log_header; at + frame <= log.size(); at += frame) {
      if (word(at + 4) != 0) ++commits;
    }
    return commits;
  }
};
INSTANTIATE_TEST_SUITE_P(With, Commits, testing::Values(StoreKind::sqlite), store_name);

TEST_P(Commits, AcceptedMessageCostsOneForItsSubmissionAndOneForItsVerdictsAndCompletion) {
  const auto before = count();
  submit(moved_when_sent(letter_to({"a@b.example", "c@b.example", "d@b.example"})));
  const auto submitted = count();
  EXPECT_EQ(submitted - before, 1);
  send_all({&smtp()});
  EXPECT_EQ(count() - submitted, 1);
  EXPECT_EQ(served().size(), 3U);
}

}  // namespace
}  // namespace postern::acceptance
