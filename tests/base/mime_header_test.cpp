#include <gtest/gtest.h>

#include "base/mime/header.h"

namespace postern {
namespace {

using Role = EntityHeader::Role;

EntityHeader part(std::string block) {
  return {std::move(block), Role::part};
}

TEST(MediaType, IsReadThroughFoldingCommentsCaseAndQuotes) {
  const MediaType media = parse_media_type(
      " (a \\( (b)) MULTIPART (c)\r\n\t/ (d) Mixed ; charset=\"a;boundary=no\";\r\n"
      "\t(e) Boundary (f) = (g) \"=_\\\"x; y\"(h); boundary=second");
  EXPECT_EQ(media.type, "multipart");
  EXPECT_EQ(media.subtype, "mixed");
  EXPECT_EQ(media.boundary, "=_\"x; y");
}

TEST(MediaType, AnUnquotedBoundaryMayHaveCharactersThatAskForQuotes) {
  EXPECT_EQ(parse_media_type("multipart/mixed;boundary=----=_Part/1:2;x=y").boundary,
            "----=_Part/1:2");
  EXPECT_EQ(parse_media_type("multipart/mixed; boundary=b (comment)").boundary, "b");
}

TEST(MediaType, ABoundaryHasNoBlanksAtItsEnd) {
  EXPECT_EQ(parse_media_type("multipart/mixed; boundary=\"a b \t\"").boundary, "a b");
}

TEST(MediaType, MalformedFieldsAreReadAsFarAsTheyGo) {
  for (const char* body :
       {"", ";", "/", "(", "\"", "multipart", "multipart/", ";;=;", "a/b;boundary",
        "a/b;boundary=", "a/b;boundary=\"", "a/b; (\\", "a/b;x=\"\\"}) {
    EXPECT_EQ(parse_media_type(body).boundary, "") << body;
  }
  EXPECT_EQ(parse_media_type("multipart/mixed; boundary=\"open").boundary, "open");
  EXPECT_EQ(parse_media_type("multipart/mixed; junk; =; boundary=b").boundary, "b");
}

TEST(EntityHeader, LinesAreFieldsContinuationsOrNoHeaderAtAll) {
  EXPECT_TRUE(is_header_line("Subject: x", false));
  EXPECT_TRUE(is_header_line("Subject \t: x", false));
  EXPECT_TRUE(is_header_line("\tx", false));
  EXPECT_TRUE(is_header_line("From a@b Mon Jan 1", true));
  EXPECT_FALSE(is_header_line("From a@b Mon Jan 1", false));
  EXPECT_FALSE(is_header_line("Dear John", false));
  EXPECT_FALSE(is_header_line(": x", false));
  EXPECT_FALSE(
      is_header_line("Gr\xC3\xBC\xC3\x9F"
                     "e: x",
                     false));
}

TEST(EntityHeader, OfFieldsGivenTwiceTheFirstCounts) {
  const EntityHeader header = part(
      "Content-Type: text/html\r\ncontent-type: image/png\r\n"
      "CONTENT-TRANSFER-ENCODING : (x) 8BIT ; y\r\nContent-Transfer-Encoding: base64\r\n\r\n");
  EXPECT_TRUE(header.media.is("text", "html"));
  EXPECT_EQ(header.encoding, ContentTransferEncoding::eight_bit);
}

TEST(EntityHeader, SaysNothingMeansPlainTextButAMessageInADigest) {
  EXPECT_TRUE(part("\r\n").media.is("text", "plain"));
  EXPECT_TRUE(EntityHeader("\r\n", Role::digest_part).is_message());
  EXPECT_FALSE(EntityHeader("Content-Type: text/plain\r\n\r\n", Role::digest_part).is_message());
}

TEST(EntityHeader, AnEncodedMessageIsALeaf) {
  EXPECT_FALSE(part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n")
                   .is_message());
}

TEST(EntityHeader, NamesTheFirstFieldWithEightBitOctets) {
  const EntityHeader header = part("A: b\r\nSubject: x\r\n \xE4\r\nTo: \xE4\r\n\r\n");
  EXPECT_EQ(header.field_with_8bit, "subject");
  EXPECT_EQ(part("A: b\r\n\r\n").field_with_8bit, std::nullopt);
}

TEST(EntityHeader, TheNewEncodingStandsWhereTheOldOneStood) {
  const EntityHeader header = part(
      "A: b\r\nContent-transfer-encoding:\r\n 8bit\r\nC: d\r\n e\r\n"
      "Content-Transfer-Encoding: 8bit\r\n\r\n");
  EXPECT_EQ(header.with_encoding("7bit"),
            "A: b\r\nContent-Transfer-Encoding: 7bit\r\nC: d\r\n e\r\n\r\n");
}

TEST(EntityHeader, AMissingEncodingIsAddedAndSoIsAMessagesMimeVersion) {
  EXPECT_EQ(part("A: b\r\n\r\n").with_encoding("7bit"),
            "A: b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
  EXPECT_EQ(EntityHeader("A: b\r\n\r\n", Role::message).with_encoding("7bit"),
            "A: b\r\nContent-Transfer-Encoding: 7bit\r\nMIME-Version: 1.0\r\n\r\n");
  EXPECT_EQ(EntityHeader("Mime-version: 1.0\r\n\r\n", Role::message).with_encoding("7bit"),
            "Mime-version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
}

TEST(EntityHeader, ABlockWithoutItsEndGetsOne) {
  EXPECT_EQ(part("A: b").with_encoding("7bit"), "A: b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
  EXPECT_EQ(part("").with_encoding("7bit"), "Content-Transfer-Encoding: 7bit\r\n\r\n");
}

}  // namespace
}  // namespace postern
