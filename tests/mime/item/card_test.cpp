// Contacts as vCards (mapi-to-mime.md §7.3, RFC 2426).
#include "mime/card/card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/mime/item/meeting.h"
#include "tests/mime/mail.h"

namespace postern::mime {
namespace {

using testing::HasSubstr;

mapi::Message contact() {
  auto message = simple_message();
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Contact");
  const auto text = [&message](std::uint16_t id, std::string value) {
    message.set(id, std::move(value));
  };
  text(0x3001, "Dr. Zoë Müller");
  text(0x3A11, "Müller");
  text(0x3A06, "Zoë");
  text(0x3A45, "Dr.");
  text(0x3A16, "Müller; Söhne");
  text(0x3A18, "Sales");
  text(0x3A17, "Director, West");
  text(0x3A08, "+49 30 1");
  text(0x3A09, "+49 30 2");
  text(0x3A1C, "+49 170 3");
  text(0x3A24, "+49 30 4");
  text(0x3A5D, "Home street 1");
  text(0x3A59, "Bonn");
  text(0x3A51, "https://example.org/a b");
  message.set(std::uint16_t{0x3A42}, utc(1980, 5, 4, 22));
  message.set(named(mapi::PSETID_Address, 0x8083), std::string("zoe@example.org"));
  message.set(named(mapi::PSETID_Address, 0x8093), std::string("/o=x/cn=zoe"));
  message.set(named(mapi::PSETID_Address, 0x8095),
              mapi::make_one_off({"Zoë", "SMTP", "second@example.org"}).bytes);
  message.set(named(mapi::PSETID_Address, 0x8045), std::string("Work street 1\r\nFloor 2"));
  message.set(named(mapi::PSETID_Address, 0x8046), std::string("Köln"));
  message.set(named(mapi::PSETID_Address, 0x8048), std::string("50667"));
  message.set(named(mapi::PSETID_Address, 0x8049), std::string("Germany"));
  return message;
}

TEST(Card, SaysWhatTheContactSays) {
  const auto mail = parsed(composed(contact()));
  ASSERT_EQ(mail["type"], "multipart/mixed");
  EXPECT_EQ(content(mail["parts"][0]), "Text\r\n");
  const auto& part = mail["parts"][1];
  EXPECT_EQ(part["type"], "text/vcard");
  EXPECT_EQ(part["charset"], "utf-8");
  EXPECT_EQ(part["disposition"], "attachment");
  EXPECT_EQ(part["filename"], "Dr. Zoë Müller.vcf");
  const auto card = parsed_lines(content(part));
  EXPECT_EQ(card.name, "VCARD");
  EXPECT_EQ(card.value("VERSION"), "3.0");
  EXPECT_EQ(card.value("N"), "Müller;Zoë;;Dr.;");
  EXPECT_EQ(card.value("FN"), "Dr. Zoë Müller");
  EXPECT_EQ(card.value("ORG"), "Müller\\; Söhne;Sales");
  EXPECT_EQ(card.value("TITLE"), "Director\\, West");
  EXPECT_EQ(card.value("URL"), "https://example.org/a%20b");
  EXPECT_EQ(card.value("BDAY"), "1980-05-05");
  EXPECT_EQ(card.value("NOTE"), "Text");
  const auto telephones = card.all("TEL");
  ASSERT_EQ(telephones.size(), 4U);
  EXPECT_EQ(telephones[0].parameters.at("TYPE"), "WORK,VOICE");
  EXPECT_EQ(telephones[3].parameters.at("TYPE"), "WORK,FAX");
  const auto addresses = card.all("ADR");
  ASSERT_EQ(addresses.size(), 2U);
  EXPECT_EQ(addresses[0].value, ";;Work street 1\\nFloor 2;Köln;;50667;Germany");
  EXPECT_EQ(addresses[1].value, ";;Home street 1;Bonn;;;");
  const auto emails = card.all("EMAIL");
  ASSERT_EQ(emails.size(), 2U);
  EXPECT_EQ(emails[0].value, "zoe@example.org");
  EXPECT_EQ(emails[1].value, "second@example.org") << "from the one-off entry id";
}

TEST(Card, AnAttachedContactIsOne) {
  auto message = simple_message();
  message.attachments.push_back(mapi::make_attachment(contact()));
  const auto mail = parsed(composed(message));
  EXPECT_EQ(mail["parts"][1]["type"], "text/vcard");
  EXPECT_EQ(parsed_lines(content(mail["parts"][1])).value("NOTE"), "Text");
}

TEST(Card, AContactWithoutABodyIsNotEmpty) {
  auto message = contact();
  message.set(mapi::PR_BODY, "");
  EXPECT_THAT(content(parsed(composed(message))["parts"][0]),
              HasSubstr("Contact: Dr. Zoë Müller\r\nCompany: Müller; Söhne\r\n"));
}

TEST(Card, ThereIsAlwaysAName) {
  mapi::Message message;
  EXPECT_EQ(contact_name(message), "Contact");
  const auto card = parsed_lines(card_text(message, ""));
  EXPECT_EQ(card.value("FN"), "Contact");
  EXPECT_EQ(card.value("N"), ";;;;");
  message.set(std::uint16_t{0x3A11}, std::string("Müller"));
  EXPECT_EQ(contact_name(message), "Müller");
  message.set(std::uint16_t{0x3A06}, std::string("Zoë"));
  EXPECT_EQ(contact_name(message), "Zoë Müller");
}

TEST(Card, NoTextMakesALineOfItsOwn) {
  auto message = contact();
  const std::string bad = "x\r\nX-INJECTED:1\rEND:VCARD\n";
  for (const int id : {0x3001, 0x3A11, 0x3A16, 0x3A08, 0x3A51, 0x3A5D}) {
    message.set(static_cast<std::uint16_t>(id), bad);
  }
  message.set(named(mapi::PSETID_Address, 0x8083), bad);
  message.set(named(mapi::PSETID_Address, 0x8045), bad);
  message.set(mapi::PR_BODY, bad);
  const auto card = parsed_lines(content(parsed(composed(message))["parts"][1]));
  EXPECT_FALSE(card.has("X-INJECTED"));
}

}  // namespace
}  // namespace postern::mime
