#include "mime/header/header_encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mime/header/parameter_encoding.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Printable ASCII in lines of at most `longest` octets, each ended by CRLF, none blank, all but
/// the first started by a blank: exactly one header.
void expect_one_header(const std::string& folded, std::size_t longest) {
  ASSERT_GE(folded.size(), 2U);
  for (std::size_t at = 0; at < folded.size();) {
    const auto end = folded.find("\r\n", at);
    ASSERT_NE(end, std::string::npos) << folded;
    const auto line = folded.substr(at, end - at);
    EXPECT_TRUE(is_printable_ascii(line)) << line;
    EXPECT_LE(line.size(), longest) << line;
    EXPECT_NE(line.find_first_not_of(' '), std::string::npos) << folded;
    EXPECT_EQ(line.front() == ' ', at != 0) << folded;
    at = end + 2;
  }
}

TEST(Unstructured, PrintableAsciiGoesAsItIs) {
  EXPECT_EQ(encode_unstructured("Re: what \"he\" said; (really)", 9),
            "Re: what \"he\" said; (really)");
}

TEST(Unstructured, OtherTextBecomesEncodedWordsTheShorterWay) {
  EXPECT_EQ(encode_unstructured("Caf\xC3\xA9 au lait", 9), "=?utf-8?Q?Caf=C3=A9_au_lait?=");
  EXPECT_EQ(encode_unstructured("\xE6\x97\xA5\xE6\x9C\xAC", 9), "=?utf-8?B?5pel5pys?=");
}

struct LongText {
  const char* name;
  std::string character;
};
class PaddingOfWords : public testing::TestWithParam<LongText> {};

/// Readers that join words before they decode them end at the first padding.
TEST_P(PaddingOfWords, EndsTheLastWordAlone) {
  for (std::size_t used = 0; used < 78; used += 3) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += GetParam().character;
    const auto words = encode_unstructured(text + "x", used);
    const auto padding = words.find("=?=");
    EXPECT_TRUE(padding == std::string::npos || padding + 3 >= words.size() - 1) << words;
    EXPECT_EQ(words.find("==?= "), std::string::npos) << words;
  }
}

INSTANTIATE_TEST_SUITE_P(Characters, PaddingOfWords,
                         testing::Values(LongText{"of_two_octets", "Ж"},
                                         LongText{"of_three_octets", "日"},
                                         LongText{"of_four_octets", "😀"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Unstructured, WhatLooksEncodedOrHasBlanksAtItsEndsIsEncoded) {
  EXPECT_EQ(encode_unstructured("=?utf-8?Q?x?=", 9), "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?=");
  EXPECT_EQ(encode_unstructured(" x", 9), "=?utf-8?Q?_x?=");
}

TEST(Unstructured, LineEndsAndControlsBecomeOneBlank) {
  EXPECT_EQ(encode_unstructured("a\r\nBcc: x@example.com\r\n\r\nbody", 9),
            "a Bcc: x@example.com body");
  EXPECT_EQ(encode_unstructured(std::string_view("\r\na\0b\tc\n", 8), 9), "a b c");
}

TEST(Unstructured, MalformedUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(encode_unstructured("a\xFF", 9), "=?utf-8?B?Ye+/vQ==?=");
}

TEST(Phrase, IsPlainQuotedOrEncoded) {
  EXPECT_EQ(encode_phrase("John Smith", 6), "John Smith");
  EXPECT_EQ(encode_phrase(" Smith, John ", 6), "\"Smith, John\"");
  EXPECT_EQ(encode_phrase("a \"b\" \\c", 6), "\"a \\\"b\\\" \\\\c\"");
  EXPECT_EQ(encode_phrase("J\xC3\xBCrgen (\xC3\x96)", 6), "=?utf-8?B?SsO8cmdlbiAow5Yp?=");
}

TEST(Fold, BreaksBeforeBlanksOutsideOfQuotationMarksFirst) {
  const std::string quoted = "\"one two three four five six seven eight nine\"";
  EXPECT_EQ(fold("X-Header", "a word or two to begin with " + quoted),
            "X-Header: a word or two to begin with\r\n " + quoted + "\r\n");
}

TEST(Fold, NeverMakesALineOfBlanks) {
  expect_one_header(fold("Subject", std::string(70, 'x') + std::string(200, ' ') + "y"), 280);
}

TEST(Headers, TextWithoutBlanksStaysWithinTheLongestLine) {
  expect_one_header(fold("Subject", encode_unstructured(std::string(5000, 'x'), 9)), 76);
  expect_one_header(fold("From", encode_phrase(std::string(5000, 'x'), 6)), 76);
  for (std::size_t size = 1; size < 2000; ++size) {  // RFC 5322 §2.1.1: 998 octets
    SCOPED_TRACE(size);
    const std::string word(size, 'x');
    expect_one_header(fold("Subject", encode_unstructured("a " + word + " b", 9)), 998);
    expect_one_header(fold("From", encode_phrase(word, 6) + " <a@example.com>"), 998);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Headers, RandomSubjectsComeBackFromASecondDecoder) {
  std::mt19937 generator(2047);
  nlohmann::json headers = nlohmann::json::array();
  std::vector<std::string> originals;
  for (int i = 0; i < 500; ++i) {
    auto text = random_text(generator, i % 10 == 0 ? 600 : 80);
    const auto folded = fold("Subject", encode_unstructured(text, 9));
    if (text.empty()) continue;
    expect_one_header(folded, is_ascii(text) ? 998 : 76);
    originals.push_back(std::move(text));
    headers.push_back(folded);
  }
  const auto decoded = python(
      "import sys, json, email, email.policy\n"
      "def subject(header):\n"
      "    message = email.message_from_string(header + '\\r\\n', policy=email.policy.default)\n"
      "    assert len(message.keys()) == 1\n"
      "    assert not message['Subject'].defects, message['Subject'].defects\n"
      "    return str(message['Subject'])\n"
      "print(json.dumps([subject(h) for h in json.load(sys.stdin)]))",
      headers.dump());
  for (std::size_t i = 0; i < originals.size(); ++i) EXPECT_EQ(decoded[i], originals[i]);
}

TEST(Headers, RandomDisplayNamesComeBackFromASecondDecoder) {
  std::mt19937 generator(5322);
  nlohmann::json headers = nlohmann::json::array();
  std::vector<std::string> originals;
  for (int i = 0; i < 500; ++i) {
    const std::string text(trim(random_text(generator, 60)));
    if (text.empty()) continue;
    const auto folded = fold("From", encode_phrase(text, 6) + " <someone@example.com>");
    expect_one_header(folded, 76);
    originals.push_back(text);
    headers.push_back(folded);
  }
  const auto decoded = python(
      "import sys, json, email, email.policy, email.header, email.utils\n"
      "def name(header):\n"
      "    message = email.message_from_string(header + '\\r\\n', policy=email.policy.compat32)\n"
      "    phrase, address = email.utils.parseaddr(message['From'].replace('\\r\\n', ''))\n"
      "    assert address == 'someone@example.com', header\n"
      "    return str(email.header.make_header(email.header.decode_header(phrase)))\n"
      "print(json.dumps([name(h) for h in json.load(sys.stdin)]))",
      headers.dump());
  for (std::size_t i = 0; i < originals.size(); ++i) EXPECT_EQ(decoded[i], originals[i]);
}

TEST(Parameter, ShortPlainNamesAreQuotedStrings) {
  EXPECT_EQ(parameter("filename", "a report.pdf"), "; filename=\"a report.pdf\"");
}

TEST(Parameter, OthersAreRfc2231InSectionsWhereLong) {
  EXPECT_EQ(parameter("filename", "\xC3\xBC.txt"), "; filename*=utf-8''%C3%BC.txt");
  EXPECT_EQ(parameter("filename", "a\"b.txt"), "; filename*=utf-8''a%22b.txt");
  const auto value = parameter("filename", std::string(100, 'x') + ".txt");
  EXPECT_THAT(value, StartsWith("; filename*0*=utf-8''xxxx"));
  EXPECT_THAT(value, HasSubstr("; filename*1*=xxxx"));
}

TEST(Parameter, CannotBringAHeaderOrAParameterOfItsOwn) {
  const auto value = parameter("filename", "x\"\r\nBcc: y@example.com; name=\"z");
  EXPECT_THAT(value, Not(HasSubstr("\r")));
  EXPECT_EQ(value.find(';', 1), std::string::npos);
}

TEST(Parameter, RandomFileNamesComeBackFromASecondDecoder) {
  std::mt19937 generator(2231);
  nlohmann::json headers = nlohmann::json::array();
  std::vector<std::string> originals;
  for (int i = 0; i < 500; ++i) {
    const auto text = "f" + random_text(generator, i % 10 == 0 ? 300 : 70) + ".x";
    const auto folded = fold("Content-Disposition", "attachment" + parameter("filename", text)) +
                        fold("Content-Type", "image/png" + parameter_for_old_readers("name", text));
    originals.push_back(text);
    headers.push_back(folded);
    for (std::size_t at = 0; at < folded.size();) {
      const auto end = folded.find("\r\n", at);
      EXPECT_LE(end - at, 80U) << folded;
      at = end + 2;
    }
  }
  const auto decoded = python(
      "import sys, json, email, email.policy\n"
      "def names(header):\n"
      "    m = email.message_from_string(header + '\\r\\n', policy=email.policy.default)\n"
      "    return [m['Content-Disposition'].params['filename'], m['Content-Type'].params['name']]\n"
      "print(json.dumps([names(h) for h in json.load(sys.stdin)]))",
      headers.dump());
  for (std::size_t i = 0; i < originals.size(); ++i) {
    EXPECT_EQ(decoded[i][0], originals[i]) << headers[i];
    EXPECT_EQ(decoded[i][1], originals[i]) << headers[i];
  }
}

TEST(HeaderName, IsPrintableAsciiWithoutColonOrBlank) {
  EXPECT_TRUE(is_header_name("X-My-Header"));
  for (const auto* bad : {"", "X Header", "X:Header", "X\r\nBcc", "X-\xC3\xA9"}) {
    EXPECT_FALSE(is_header_name(bad)) << bad;
  }
  EXPECT_FALSE(is_header_name(std::string(100, 'x')));
}

}  // namespace
}  // namespace postern::mime
