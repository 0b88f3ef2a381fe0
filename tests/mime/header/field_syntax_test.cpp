#include "mime/header/field_syntax.h"

#include <string>

#include <gtest/gtest.h>

namespace postern::mime {
namespace {

struct Case {
  const char* field;
  std::string text;
  std::string value;
  bool is_lossy = false;
};

void expect(const Case& given) {
  const auto [value, is_lossy] = field_value(given.field, given.text, false);
  EXPECT_EQ(value, given.value) << given.field;
  EXPECT_EQ(is_lossy, given.is_lossy) << given.field << ": " << given.text;
}

TEST(FieldSyntax, UrisStayUrisHoweverLongTheyAre) {
  const std::string url = "https://news.example.com/u/" + std::string(600, 'x');
  expect({"List-Unsubscribe", "<mailto:leave@x.test>, <" + url + ">",
          "<mailto:leave@x.test>, <" + url + '>'});
  expect({"list-unsubscribe", "https://x.test/a", "<https://x.test/a>"});
  expect({"List-Help", "<https://x.test/für>", "<https://x.test/f%C3%BCr>"});
  expect({"List-Post", "<https://x.test/a\r\n b>", "<https://x.test/ab>"});
  expect({"List-Post", "NO", "", true});
  expect({"List-Help", "<https://x.test/" + std::string(1000, 'x') + ">, <https://x.test/>",
          "<https://x.test/>", true});
}

TEST(FieldSyntax, IdsAreThoseOfOthers) {
  expect({"References", "<a@b.test>  <c@d.test>", "<a@b.test> <c@d.test>"});
  expect({"References", "a@b.test,c@d.test", "<a@b.test> <c@d.test>"});
  expect({"In-Reply-To", "<1234567>", "<1234567>"});
  expect({"In-Reply-To", "1234567", "<1234567>"});
  expect({"In-Reply-To", "Your message of Monday <a@b.test>", "<a@b.test>"});
  expect({"References", "<a b@c.test> <d@e.test>", "<d@e.test>", true});
  expect({"References", "<a@b.test> <" + std::string(1000, 'x') + "@y>", "<a@b.test>", true});
  expect({"References", "<ä@b.test>", "", true});
  expect({"References", "<a@b.test", "<a@b.test>"});
}

TEST(FieldSyntax, AddressesAreWrittenAnew) {
  expect({"Reply-To", "Desk <desk@x.test>, bob@y.test", "Desk <desk@x.test>, bob@y.test"});
  expect({"Reply-To", "\"Smith, Ann\" <ann@x.test>", "\"Smith, Ann\" <ann@x.test>"});
  expect({"Reply-To", "Jörg <j@bücher.example>", "=?utf-8?B?SsO2cmc=?= <j@xn--bcher-kva.example>"});
  expect({"Reply-To", "Bob :( <bob@x.test>, ann@x.test", "\"Bob :(\" <bob@x.test>, ann@x.test"});
  expect({"Reply-To", "nobody", "", true});
  expect({"Reply-To", "a@x.test, nobody", "a@x.test", true});
  expect({"Reply-To", "a@x.test\r\nBcc: b@x.test", "", true});
  expect({"Disposition-Notification-To", "<a@x.test>", "a@x.test"});
}

TEST(FieldSyntax, WhatProgramsReadIsNotEncoded) {
  const std::string token(700, 'x');
  expect({"Autocrypt", "addr=a@x.test; keydata=" + token, "addr=a@x.test; keydata=" + token});
  expect({"X-SG-EID", token, token});
  expect({"Auto-Submitted", "auto-generated", "auto-generated"});
  expect({"Auto-Submitted", "für alle", "", true});
  expect({"X-SG-EID", std::string(1200, 'x'), "", true});
  expect({"List-ID", "Die Liste <liste.x.test>", "Die Liste <liste.x.test>"});
  expect({"List-ID", "Bücher <buecher.x.test>", "=?utf-8?Q?B=C3=BCcher?= <buecher.x.test>"});
  expect({"List-ID", "liste.x.test", "liste.x.test"});
}

TEST(FieldSyntax, PeoplesTextIsEncodedWhereItMustBe) {
  expect({"X-Custom", "kept", "kept"});
  expect({"Comments", "grün", "=?utf-8?B?Z3LDvG4=?="});
  expect({"X-Custom", "a\r\nBcc: b@x.test", "a Bcc: b@x.test"});
}

}  // namespace
}  // namespace postern::mime
