#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/line_ends.h"
#include "base/quoted_printable.h"
#include "mapi/error.h"
#include "mime/header/date.h"
#include "mime/octets/transfer_encoding.h"
#include "tests/mime/support.h"
#include "tests/transformed.h"

namespace postern::mime {
namespace {

using test::transformed;

TEST(QuotedPrintable, LinesStayWithin76AndDecodeToTheSame) {
  std::mt19937 generator(11);
  nlohmann::json encoded = nlohmann::json::array();
  std::vector<std::string> originals;
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (int line = 0; line < 5; ++line) text += random_text(generator, 300) + "\r\n";
    originals.push_back(text);
    const auto whole = transformed<QuotedPrintable>(text);
    ASSERT_EQ(transformed<QuotedPrintable>(text, 1 + generator() % 9), whole);
    for (std::size_t at = 0; at < whole.size();) {
      const auto end = whole.find("\r\n", at);
      ASSERT_LE(end - at, 76U);
      at = end + 2;
    }
    encoded.push_back(whole);
  }
  const auto decoded = python(
      "import sys, json, quopri\n"
      "print(json.dumps([quopri.decodestring(t.encode()).decode() for t in json.load(sys.stdin)]))",
      encoded.dump());
  for (std::size_t i = 0; i < originals.size(); ++i) EXPECT_EQ(decoded[i], originals[i]);
}

TransferEncoding encoding_of(std::string_view text) {
  return text_encoding(line_facts(text));
}

TEST(TransferEncoding, FollowsTheShareOfOctetsThatNeedIt) {
  EXPECT_EQ(encoding_of(""), TransferEncoding::seven_bit);
  EXPECT_EQ(encoding_of("plain\r\n"), TransferEncoding::seven_bit);
  EXPECT_EQ(encoding_of(std::string(79, 'x')), TransferEncoding::quoted_printable);
  EXPECT_EQ(encoding_of("From me\r\n"), TransferEncoding::quoted_printable);
  EXPECT_EQ(encoding_of("to you\nFrom me"), TransferEncoding::quoted_printable);
  EXPECT_EQ(encoding_of("away From me"), TransferEncoding::seven_bit);
  EXPECT_EQ(encoding_of(std::string("nul\0 and a bit of text", 22)),
            TransferEncoding::quoted_printable);
  EXPECT_EQ(encoding_of("mostly plain, one caf\xC3\xA9\r\n"), TransferEncoding::quoted_printable);
  EXPECT_EQ(encoding_of("\xE6\x97\xA5\xE6\x9C\xAC\r\n"), TransferEncoding::base64);
}

/// Claims another size than it has.
class LyingSource final : public mapi::ContentSource {
 public:
  LyingSource(std::string octets, std::uint64_t size) : octets_(std::move(octets)), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return mapi::Content::from_text(octets_).open();
  }

 private:
  std::string octets_;
  std::uint64_t size_;
};

TEST(TransferEncoding, ASourceThatIsNotAsLongAsItSaidIsAnError) {
  for (const std::uint64_t claimed : {0U, 4U, 6U, 100000U}) {
    const mapi::Content content(std::make_shared<LyingSource>("12345", claimed));
    for (const auto encoding : {TransferEncoding::seven_bit, TransferEncoding::base64,
                                TransferEncoding::quoted_printable}) {
      const auto reader = open_encoded(content, encoding);
      try {
        octets_of(*reader);
        ADD_FAILURE() << claimed << ' ' << name(encoding);
      } catch (const mapi::Failure& failure) {
        EXPECT_EQ(failure.code(), mapi::MAPI_E_CORRUPT_DATA);
      }
    }
  }
}

TEST(Date, IsWrittenAsRfc5322SaysInUtc) {
  using std::chrono::system_clock;
  EXPECT_EQ(date(system_clock::from_time_t(1752064496)), "Wed, 09 Jul 2025 12:34:56 +0000");
  EXPECT_EQ(date(system_clock::from_time_t(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
}

TEST(Date, NoneOutsideTheYearsThatCanBeMeant) {
  EXPECT_FALSE(date(mapi::FileTime{0}));
  EXPECT_FALSE(date(mapi::FileTime{0x0CB34557A3DD4000}));  // Outlook's "none", 4501-01-01
  EXPECT_FALSE(date(mapi::FileTime{~std::uint64_t{0}}));
}

}  // namespace
}  // namespace postern::mime
