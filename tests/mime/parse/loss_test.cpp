// A row for each place that tells what reading a mail loses or guesses: the mail that leads there.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/read_message.h"
#include "tests/losses.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum mapi::LossKind;

struct Row {
  std::string_view source;  ///< as seen from the folder
  mapi::LossKind kind;
  std::string_view part;
  std::string_view words;  ///< in the sentence; no other row has them
  std::string_view mail;
};
constexpr std::string_view header_source = "header_properties.cpp";
constexpr std::string_view content_source = "content_properties.cpp";
constexpr std::array rows{
    Row{header_source, dropped, "header From", "has no address that mail can be sent to",
        "From: me\n\n"},
    Row{header_source, dropped, "header Sender", "names several",
        "Sender: a@a.example, b@a.example\n\n"},
    Row{header_source, guessed, "header To", "has 'nobody', which is no address", "To: nobody\n\n"},
    Row{header_source, dropped, "header Reply-To", "has 'desk', which is no address",
        "Reply-To: desk\n\n"},
    Row{header_source, dropped, "header Date", "holds no date", "Date: yesterday\n\n"},
    Row{header_source, dropped, "header Content-Language", "names no language",
        "Content-Language: x-martian\n\n"},
    Row{header_source, dropped, "header Resent-To", "tells of an earlier sending",
        "Resent-To: a@a.example\n\n"},
    Row{header_source, dropped, "header Subject", "stands there more than once",
        "Subject: a\nSubject: b\n\n"},
    Row{content_source, substituted, "body", "the text holds what cannot be read as characters",
        "Content-Type: text/plain; charset=utf-8\n\na\xff\n"},
    Row{content_source, guessed, "body", "the HTML body is not in the charset that is declared",
        "Content-Type: text/html; charset=us-ascii\n\n\xfc\n"},
    Row{content_source, substituted, "message", "the structure of the mail is made anew",
        "Content-Type: text/plain; x=\"\xfc\"\n\na\n"},
    Row{"calendar_properties.cpp", dropped, "calendar", "the meeting recurs",
        "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nVERSION:2.0\n"
        "METHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTART:20240601T093000Z\n"
        "RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n"},
    Row{"attachment_properties.cpp", guessed, "attachment 'a.bin'", "the transfer encoding of",
        "Content-Type: application/octet-stream; name=a.bin\n"
        "Content-Transfer-Encoding: x-odd\nContent-Disposition: attachment\n\nx\n"},
};

TEST(LossesOfReading, EachBranchTellsItsOwn) {
  for (const auto& row : rows) {
    const auto losses = read_message(mapi::Content::from_text(row.mail)).losses;
    EXPECT_THAT(losses, ElementsAre(testing::AllOf(
                            testing::Field(&mapi::Loss::kind, row.kind),
                            testing::Field(&mapi::Loss::part, std::string(row.part)),
                            testing::Field(&mapi::Loss::sentence, HasSubstr(row.words)))))
        << row.words << testing::PrintToString(sentences(losses));
  }
}

TEST(LossesOfReading, EachPlaceThatTellsHasARow) {
  std::map<std::string, std::size_t> of_rows;
  std::set<std::string_view> words;
  for (const auto& row : rows) {
    ++of_rows[std::string(row.source)];
    EXPECT_TRUE(words.insert(row.words).second) << row.words;
  }
  EXPECT_EQ(of_rows, places_that_tell("mime/parse"));
}

TEST(LossesOfReading, ThoseOfAMessageWithinSayWhereTheyAre) {
  const auto losses =
      read_message(mapi::Content::from_text(
                       "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\n"
                       "Content-Type: message/rfc822\n\nSubject: a\nDate: never\n\n--b--\n"))
          .losses;
  EXPECT_THAT(sentences(losses), ElementsAre("in the attached message 'a': the header field Date "
                                             "holds no date"));
}

}  // namespace
}  // namespace postern::mime
