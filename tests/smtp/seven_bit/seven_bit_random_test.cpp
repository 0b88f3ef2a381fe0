// Hostile messages by the thousand: whatever comes, the result is 7-bit, has the size that was
// said, does not depend on how blocks are cut, and means what the message meant.
#include <random>

#include <gtest/gtest.h>

#include "tests/smtp/seven_bit/seven_bit_meaning.h"
#include "tests/smtp/seven_bit/seven_bit_support.h"

namespace postern::smtp {
namespace {

using test::all_of;
using test::CutSource;
using test::meaning;

/// A text of words that make and break MIME structure.
std::string random_message(std::mt19937& random) {
  static const std::string words[] = {
      "--b",
      "--bb",
      "--b=20",
      "--b?",
      "--b--",
      "--b--\r\n",
      "--b\r\n",
      "\r\n--b\r\n",
      "\r\n--bb\r\n",
      "\r\n",
      "\r\n",
      "\r\n\r\n",
      "\r",
      "\n",
      " ",
      "\t",
      ".",
      "-",
      "=",
      std::string(1, '\0'),
      "\xC3\xA4",
      "\xC3\xA4",
      "\xFF",
      "some words of a text that needs no base64 ",
      std::string(75, 'x'),
      std::string(5000, 'y'),
      "A: b\r\n",
      "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
      "\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n",
      "\r\nContent-Type: multipart/mixed; boundary=\"b=20\"\r\n\r\n",
      "\r\nContent-Type: multipart/mixed; boundary=\"b?\"\r\n\r\n",
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
      "Content-Type: multipart/digest; boundary=bb\r\n\r\n--bb\r\n",
      "Content-Type: multipart/signed; boundary=b\r\n\r\n",
      "Content-Type: message/rfc822\r\n\r\n",
      "Content-Type: image/png\r\n",
      "Content-Transfer-Encoding: 8bit\r\n",
      "Content-Transfer-Encoding: binary\r\n",
      "Content-Transfer-Encoding: base64\r\n",
      "MIME-Version: 1.0\r\n",
  };
  std::string text;
  const std::size_t count = 1 + random() % 40;
  for (std::size_t word = 0; word < count; ++word) text += words[random() % std::size(words)];
  return text;
}

TEST(SevenBitRandom, HostileMessagesBecomeSevenBitAndMeanTheSame) {
  std::mt19937 random(6152);
  int converted = 0;
  int changed = 0;
  for (int round = 0; round < 4'000; ++round) {
    const std::string text = random_message(random);
    const CutSource source(text);
    const SevenBit result = seven_bit(source);
    const CutSource cut_source(text, [&random] { return 1 + random() % 9; });
    const SevenBit cut_result = seven_bit(cut_source);
    ASSERT_EQ(cut_result.index(), result.index()) << text;
    if (const auto* reason = std::get_if<std::string>(&result)) {
      ASSERT_EQ(std::get<std::string>(cut_result), *reason);
      continue;
    }
    const OctetSource& message = *std::get<0>(result);
    const std::string octets = all_of(message);
    ASSERT_EQ(octets.size(), message.size()) << text;
    ASSERT_TRUE(std::none_of(octets.begin(), octets.end(), [](char octet) {
      return (octet & '\x80') != 0;
    })) << text;
    ASSERT_EQ(all_of(*std::get<0>(cut_result), 1 + random() % 20), octets) << text;
    ASSERT_EQ(meaning(CutSource(octets)), meaning(source)) << text << "\n=== became\n" << octets;
    ++converted;
    changed += octets == text ? 0 : 1;
  }
  EXPECT_GT(converted, 1'000);
  EXPECT_GT(changed, 500);
}

}  // namespace
}  // namespace postern::smtp
