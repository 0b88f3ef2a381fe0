#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "smtp/dkim/message.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr auto simple = Canonicalization::simple;
constexpr auto relaxed = Canonicalization::relaxed;

std::string read_header(const std::string& message) {
  return read_dkim_message(TextSource(message), {}).header;
}

std::string read_refusal(const TextSource& source) {
  try {
    read_dkim_message(source, {relaxed});
  } catch (const std::runtime_error& fault) {
    return fault.what();
  }
  return "read";
}

std::string header_refusal(const std::string& header) {
  try {
    header_fields(header);
  } catch (const std::runtime_error& fault) {
    return fault.what();
  }
  return "taken";
}

std::string hash(const std::string& message, Canonicalization form) {
  return base64(read_dkim_message(TextSource(message), {form}).body_hashes.at(form));
}

TEST(DkimMessage, BodyHashesOfEmptyBodiesAreThoseOfTheRfc) {
  // RFC 6376 §§3.4.3 and 3.4.4 say them.
  EXPECT_EQ(hash("From: a\r\n\r\n", simple), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  EXPECT_EQ(hash("From: a\r\n\r\n", relaxed), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(hash("From: a", simple), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
}

TEST(DkimMessage, OnlyTheFormsAskedForAreHashed) {
  const TextSource letter("From: a\r\n\r\nbody\r\n");
  EXPECT_THAT(read_dkim_message(letter, {}).body_hashes, SizeIs(0));
  EXPECT_THAT(read_dkim_message(letter, {simple, relaxed}).body_hashes, SizeIs(2));
}

TEST(DkimMessage, HeaderEndsAtTheFirstEmptyLineHoweverLinesEnd) {
  EXPECT_EQ(read_header("From: a\nTo: b\n\nX: y\n"), "From: a\r\nTo: b\r\n");
  EXPECT_EQ(read_header("From: a\rTo: b\r\rX: y"), "From: a\r\nTo: b\r\n");
  EXPECT_EQ(read_header("From: a\r\n \r\n b"), "From: a\r\n \r\n b\r\n");
  EXPECT_EQ(read_header("\r\nFrom: a\r\n"), "");
}

TEST(DkimMessage, HeaderOfAMebibyteIsReadALargerOneRefused) {
  const std::string from = "From: a\r\n";
  const std::size_t mebibyte = std::size_t{1024} * 1024;
  const std::string line = "X: " + std::string(mebibyte - from.size() - 5, 'x') + "\r\n";
  EXPECT_EQ(read_refusal(TextSource(from + line + "\r\nbody")), "read");
  EXPECT_EQ(read_refusal(TextSource(from + "X" + line + "\r\nbody")),
            "the message cannot be signed: its header is larger than 1 MiB");
}

TEST(DkimMessage, SourceThatIsShortOrLongOrFailsIsNotSigned) {
  TextSource source("From: a\r\n\r\nbody\r\n");
  source.said_size = 18;
  EXPECT_THAT(read_refusal(source), HasSubstr("it has not the 18 octets it was said to have"));
  source.said_size = 16;
  EXPECT_THAT(read_refusal(source), HasSubstr("16 octets"));
  source.said_size.reset();
  source.fails_behind = 12;
  EXPECT_ANY_THROW(read_dkim_message(source, {}));
}

TEST(DkimMessage, FieldsAreFoundWithTheirContinuations) {
  const std::string header = "From: a\r\n\tb\r\n c\r\nto:\r\nX!y: z\r\n";
  const auto fields = header_fields(header);
  ASSERT_THAT(fields, SizeIs(3));
  EXPECT_EQ(fields[0].name, "from");
  EXPECT_EQ(fields[0].octets, "From: a\r\n\tb\r\n c\r\n");
  EXPECT_EQ(fields[1].octets, "to:\r\n");
  EXPECT_EQ(fields[2].name, "x!y");
}

TEST(DkimMessage, MalformedHeaderIsRefusedByLine) {
  const std::string no_field = " is no header field, and an empty line must end the header";
  const std::string front = "the message cannot be signed: line ";
  EXPECT_EQ(header_refusal("From: a\r\n b\r\nHello\r\n"), front + "3 of its header" + no_field);
  EXPECT_EQ(header_refusal("From a@b 10:00\r\nFrom: a\r\n"), front + "1 of its header" + no_field);
  EXPECT_EQ(header_refusal(": a\r\n"), front + "1 of its header" + no_field);
  EXPECT_EQ(header_refusal("From : a\r\n"), front + "1 of its header" + no_field);
  EXPECT_EQ(header_refusal("Fr\xC3\xB6m: a\r\n"), front + "1 of its header" + no_field);
  EXPECT_EQ(header_refusal(std::string("From: a\0\r\n", 10)),
            front + "1 of its header holds a NUL");
  EXPECT_THAT(header_refusal(" From: a\r\n"), HasSubstr("line 1 of its header begins with white"));
}

TEST(DkimMessage, ExactlyOneFromIsNeeded) {
  const std::string end = " From fields where it needs one";
  EXPECT_EQ(header_refusal(""), "the message cannot be signed: it has 0" + end);
  EXPECT_EQ(header_refusal("To: a\r\n"), "the message cannot be signed: it has 0" + end);
  EXPECT_EQ(header_refusal("From: a\r\nFROM: b\r\n"),
            "the message cannot be signed: it has 2" + end);
}

}  // namespace
}  // namespace postern::smtp::test
