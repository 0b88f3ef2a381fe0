// The table of headers, addresses, and attempts to bring a header of one's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mime/header/encoded_words.h"
#include "mime/header/transport_sender.h"
#include "tests/losses.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

mapi::PropertyName internet_header(std::string_view name) {
  return {mapi::PS_INTERNET_HEADERS, std::string(name)};
}

nlohmann::json mail_of(const mapi::Message& message) {
  return parsed(composed(message));
}

TEST(Addresses, SenderIsNamedOnlyWhereItIsSomebodyElse) {
  auto message = simple_message();
  mapi::set_address(message, mapi::sent_representing_group, "boss@example.com", "The Boss");
  mapi::set_address(message, mapi::sender_group, "BOSS@example.com");
  EXPECT_FALSE(has_header(mail_of(message), "Sender"));
  mapi::set_address(message, mapi::sender_group, "assistant@example.com", "M\xC3\xBCller, A.");
  const auto mail = mail_of(message);
  EXPECT_EQ(header(mail, "From"), "The Boss <boss@example.com>");
  EXPECT_EQ(header(mail, "Sender"), "\"M\xC3\xBCller, A.\" <assistant@example.com>");
  EXPECT_EQ(compose(message, fixed_options()).reverse_path, "boss@example.com");
}

TEST(Addresses, TheEnvelopeMayHaveASenderOfItsOwn) {
  auto message = simple_message();
  message.set(mapi::PR_POSTERN_REVERSE_PATH,
              "Bounces <bounces@b\xC3\xBC"
              "cher.example>");
  const auto plan = compose(message, fixed_options());
  EXPECT_EQ(plan.reverse_path, "bounces@xn--bcher-kva.example");
  EXPECT_EQ(header(mail_of(message), "From"), header(mail_of(simple_message()), "From"));
  // What S/MIME signs, From signs.
  EXPECT_EQ(compose_content(message, fixed_options()).reverse_path,
            compose(simple_message(), fixed_options()).reverse_path);
  message.set(mapi::PR_POSTERN_REVERSE_PATH, "");
  EXPECT_EQ(compose(message, fixed_options()).reverse_path, "");
  const auto from = compose(simple_message(), fixed_options()).reverse_path;
  for (const char* wrong : {"nobody", "a@b.example>\r\nRCPT TO:<c@d.example"}) {
    message.set(mapi::PR_POSTERN_REVERSE_PATH, wrong);
    EXPECT_EQ(compose(message, fixed_options()).reverse_path, from) << wrong;
  }
  auto options = fixed_options();
  message.set(mapi::PR_POSTERN_REVERSE_PATH, "j\xC3\xBC@b.example");
  EXPECT_THROW(compose(message, options), mapi::Failure);
  options.smtputf8 = true;
  EXPECT_EQ(compose(message, options).reverse_path, "j\xC3\xBC@b.example");
}

TEST(Dates, MayBeAnotherProgramsWords) {
  auto message = simple_message();
  const auto date_of = [&message] {
    const auto mail = composed(message);
    const auto begin = mail.find("Date: ") + 6;
    return mail.substr(begin, mail.find("\r\n", begin) - begin);
  };
  const auto own = date_of();
  for (const char* date : {"Tue, 01 Jul 2025 10:00:00 +0200", "1 Jul 25 10:00 EST (summer)"}) {
    message.set(mapi::PR_POSTERN_HEADER_DATE, date);
    EXPECT_EQ(date_of(), date);
  }
  message.set(mapi::PR_POSTERN_HEADER_DATE, "Tue, 01 Jul 2025\r\n10:00:00 +0200");
  EXPECT_EQ(date_of(), "Tue, 01 Jul 2025 10:00:00 +0200");
  for (const char* wrong : {"", "yesterday", "1 Jul 2025 10:00 +0200 \xC3\xBC"}) {
    message.set(mapi::PR_POSTERN_HEADER_DATE, wrong);
    EXPECT_EQ(date_of(), own) << wrong;
  }
}

TEST(Addresses, InternationalDomainsBecomeALabels) {
  auto message = simple_message();
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::cc,
                                                    "post@b\xC3\xBC"
                                                    "cher.example"));
  EXPECT_EQ(header(mail_of(message), "Cc"), "post@xn--bcher-kva.example");
}

TEST(Addresses, LocalPartsInUtf8NeedSmtputf8) {
  auto message = simple_message();
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::cc, "j\xC3\xBCrgen@example.com", "J"));
  auto options = fixed_options();
  const auto without = compose(message, options);
  EXPECT_FALSE(without.needs_smtputf8());
  EXPECT_THAT(sentences(without.losses), ElementsAre(HasSubstr("'J' has no address")));
  options.smtputf8 = true;
  const auto with = compose(message, options);
  EXPECT_TRUE(with.needs_smtputf8());
  EXPECT_FALSE(with.has_8bit()) << "the body is not concerned (RFC 6531 §3.6)";
  EXPECT_THAT(octets_of(with.content()), HasSubstr("Cc: J <j\xC3\xBCrgen@example.com>\r\n"));
}

TEST(Addresses, ARecipientWithoutAnAddressIsShownByName) {
  auto message = simple_message();
  mapi::Recipient row;
  row.set(mapi::PR_RECIPIENT_TYPE, 1);
  row.set(mapi::PR_DISPLAY_NAME, "Sales, East");
  message.recipients.push_back(row);
  const auto octets = composed(message);
  EXPECT_TRUE(has_line(octets, "To: to@example.com, \"Sales, East\" :;")) << octets;
  parsed(octets);
}

TEST(Addresses, OnlyBccGivesUndisclosedRecipients) {
  auto message = simple_message();
  message.recipients = {mapi::make_recipient(mapi::RecipientType::bcc, "secret@example.com")};
  const auto octets = composed(message);
  EXPECT_TRUE(has_line(octets, "To: undisclosed-recipients:;"));
  EXPECT_THAT(octets, Not(HasSubstr("secret")));
}

TEST(Addresses, RowsAddedForAResendAreNotShown) {
  auto message = simple_message();
  auto row = mapi::make_recipient(mapi::RecipientType::to, "again@example.com");
  row.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::p1));
  message.recipients.push_back(row);
  EXPECT_EQ(header(mail_of(message), "To"), "to@example.com");
}

TEST(Addresses, ReplyToTakesNamesFromTheirListWhereTheEntriesHaveNone) {
  auto message = simple_message();
  message.set(mapi::PR_REPLY_RECIPIENT_ENTRIES,
              mapi::make_flat_entry_list({mapi::make_one_off({"", "SMTP", "a@example.com"}),
                                          mapi::make_one_off({"Bee", "SMTP", "b@example.com"})}));
  message.set(mapi::PR_REPLY_RECIPIENT_NAMES, "Ay; other");
  EXPECT_EQ(header(mail_of(message), "Reply-To"), "Ay <a@example.com>, Bee <b@example.com>");
}

TEST(Addresses, AnExchangeUserIsTheSameInRowsReplyToAndReceipts) {
  const std::string name = "/o=Org/cn=Ann";
  std::vector<std::byte> entry_id(28);
  const auto* provider = "\xDC\xA7\x40\xC8\xC0\x42\x10\x1A\xB4\xB9\x08\x00\x2B\x2F\xE1\x82";
  std::transform(provider, provider + 16, entry_id.begin() + 4,
                 [](char c) { return static_cast<std::byte>(c); });
  for (const char c : name + '\0') entry_id.push_back(static_cast<std::byte>(c));
  auto message = simple_message();
  auto& row = message.recipients.front();
  row.set(mapi::PR_ADDRTYPE, "EX");
  row.set(mapi::PR_EMAIL_ADDRESS, "/O=ORG/CN=ANN");
  row.set(mapi::PR_SMTP_ADDRESS, "ann@example.com");
  message.set(mapi::PR_REPLY_RECIPIENT_ENTRIES, mapi::make_flat_entry_list({{entry_id}}));
  message.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  message.set(mapi::PR_READ_RECEIPT_ADDRTYPE, "EX");
  message.set(mapi::PR_READ_RECEIPT_EMAIL_ADDRESS, name);
  const auto mail = mail_of(message);
  EXPECT_EQ(header(mail, "Reply-To"), "ann@example.com");
  EXPECT_EQ(header(mail, "Disposition-Notification-To"), "ann@example.com");
}

TEST(Addresses, AnExchangeSenderIsFoundInTheHeadersOfTheReceivedMessage) {
  auto message = simple_message();
  mapi::set_address(message, mapi::sent_representing_group, "x@example.com");
  for (const auto tag :
       {mapi::PR_SENT_REPRESENTING_SMTP_ADDRESS, mapi::PR_SENT_REPRESENTING_EMAIL_ADDRESS}) {
    message.erase(tag);
  }
  message.erase(mapi::PR_SENT_REPRESENTING_ENTRYID);
  message.erase(mapi::PR_SENT_REPRESENTING_SEARCH_KEY);
  message.set(mapi::PR_SENT_REPRESENTING_NAME, "J\xC3\xBCrgen Kohl");
  message.set(mapi::PR_TRANSPORT_MESSAGE_HEADERS,
              "Microsoft Mail Internet Headers Version 2.0\r\n"
              "Received: from x\r\n"
              "From: =?iso-8859-1?Q?J=FCrgen?=\r\n =?utf-8?B?IEtvaGw=?= <kohl@example.com>\r\n"
              "Content-Type: multipart/mixed; boundary=old\r\n\r\n");
  const auto octets = composed(message);
  EXPECT_EQ(header(parsed(octets), "From"), "J\xC3\xBCrgen Kohl <kohl@example.com>");
  EXPECT_THAT(octets, Not(HasSubstr("Received")));
  EXPECT_THAT(octets, Not(HasSubstr("boundary=old")));
}

TEST(TransportSender, AnotherNameOrABrokenHeaderGivesNothing) {
  EXPECT_FALSE(sender_in_transport_headers("From: Other <o@example.com>\r\n", "Name"));
  EXPECT_FALSE(sender_in_transport_headers("From: <o@example.com>\r\n", ""));
  EXPECT_FALSE(sender_in_transport_headers("From: Name <not an address>\r\n", "Name"));
  EXPECT_FALSE(sender_in_transport_headers("From: Name <o@example.com", "Name"));
  EXPECT_EQ(sender_in_transport_headers("from:\r\n \"Na\\\"me\"\t<o@example.com>", "na\"me"),
            "o@example.com");
}

TEST(TransportSender, EncodedWordsAreDecodedOrLeftAlone) {
  EXPECT_EQ(decode_encoded_words("=?utf-8?Q?a_b?= =?utf-8?B?Yw==?= d"), "a bc d");
  for (const auto* broken :
       {"=?", "=?utf-8?Q?", "=?utf-8?Q?=4?=", "=?utf-8?B?x?=", "=?nix?Q?x?="}) {
    EXPECT_EQ(decode_encoded_words(broken), broken);
  }
}

TEST(Headers, TheTableIsFollowed) {
  auto message = simple_message();
  message.set(mapi::PR_CLIENT_SUBMIT_TIME,
              mapi::FileTime::from(std::chrono::system_clock::from_time_t(1000000000)));
  message.set(mapi::PR_IN_REPLY_TO_ID, "<parent@example.com>");
  message.set(mapi::PR_INTERNET_REFERENCES, "<a@b>\r\n\tjunk <parent@example.com> <broken");
  message.set(mapi::PR_CONVERSATION_TOPIC, "Topic");
  message.set(mapi::PR_CONVERSATION_INDEX, mapi::Binary(22, std::byte{1}));
  message.set(mapi::PR_IMPORTANCE, 2);
  message.set(mapi::PR_SENSITIVITY, 3);
  message.set({mapi::PS_PUBLIC_STRINGS, std::string("Keywords")},
              std::vector<std::string>{"Red", "Gr\xC3\xBCn, hell"});
  message.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  message.set(mapi::PR_AUTO_RESPONSE_SUPPRESS, 0x22);
  message.set(mapi::PR_MESSAGE_LOCALE_ID, 0x0407);
  const auto mail = mail_of(message);
  EXPECT_EQ(header(mail, "Date"), "Sun, 09 Sep 2001 01:46:40 +0000");
  EXPECT_EQ(header(mail, "In-Reply-To"), "<parent@example.com>");
  EXPECT_EQ(header(mail, "References"), "<a@b> <parent@example.com> <broken>");
  EXPECT_EQ(header(mail, "Thread-Topic"), "Topic");
  EXPECT_EQ(header(mail, "Thread-Index"), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==");
  EXPECT_EQ(header(mail, "Importance"), "High");
  EXPECT_EQ(header(mail, "X-Priority"), "1");
  EXPECT_EQ(header(mail, "Sensitivity"), "Company-Confidential");
  EXPECT_EQ(header(mail, "Keywords"), "Red, Gr\xC3\xBCn, hell");
  EXPECT_EQ(header(mail, "Disposition-Notification-To"), "sender@example.com");
  EXPECT_EQ(header(mail, "X-Auto-Response-Suppress"), "NDR, AutoReply");
  EXPECT_EQ(header(mail, "Content-Language"), "de-DE");
}

TEST(Headers, AThreadWithoutEndKeepsItsFirstIdAndItsLastOnes) {
  auto message = simple_message();
  std::string ids = "<first@b.example>";
  for (int i = 0; i < 5000; ++i) ids += " <" + std::to_string(i) + "@b.example>";
  message.set(mapi::PR_INTERNET_REFERENCES, ids);
  const auto references = header(parsed(composed(message)), "References");
  EXPECT_LE(references.size(), std::size_t{32} << 10U);
  EXPECT_GE(references.size(), std::size_t{31} << 10U);
  EXPECT_THAT(references, testing::StartsWith("<first@b.example> <"));
  EXPECT_THAT(references, testing::EndsWith("> <4998@b.example> <4999@b.example>"));
}

TEST(Headers, OrdinaryValuesGiveNoHeader) {
  auto message = simple_message();
  message.set(mapi::PR_IMPORTANCE, 1);
  message.set(mapi::PR_SENSITIVITY, 0);
  message.set(mapi::PR_AUTO_RESPONSE_SUPPRESS, 0);
  message.set(mapi::PR_EXPIRY_TIME, mapi::FileTime{0x0CB34557A3DD4000});
  message.set(mapi::PR_MESSAGE_LOCALE_ID, 0x7FFFFFFF);
  message.erase(mapi::PR_SUBJECT);
  const auto mail = mail_of(message);
  for (const auto* name : {"Importance", "X-Priority", "Sensitivity", "X-Auto-Response-Suppress",
                           "Expires", "Content-Language", "Subject"}) {
    EXPECT_FALSE(has_header(mail, name)) << name;
  }
}

TEST(Headers, TheSubjectIsTheWholeOrMadeOfItsParts) {
  auto message = simple_message();
  message.set(mapi::PR_SUBJECT, "\x01\x05RE: Topic");
  message.set(mapi::PR_NORMALIZED_SUBJECT, "Topic");
  EXPECT_EQ(header(mail_of(message), "Subject"), "RE: Topic");
  message.erase(mapi::PR_SUBJECT);
  message.set(mapi::PR_SUBJECT_PREFIX, "FW: ");
  EXPECT_EQ(header(mail_of(message), "Subject"), "FW: Topic");
}

TEST(Headers, LongSubjectsInAnyScriptComeBackWhole) {
  auto message = simple_message();
  for (const std::string piece : {"\xE6\xBC\xA2\xE5\xAD\x97", "\xF0\x9F\x93\xAE\xF0\x9F\x87\xA9",
                                  "word ", "\xC3\xA9\xC3\xA8 x"}) {
    std::string subject = "Re:";
    for (int i = 0; i < 100; ++i) subject += piece;
    subject += '.';
    message.set(mapi::PR_SUBJECT, subject);
    EXPECT_EQ(header(mail_of(message), "Subject"), subject);
  }
}

TEST(NamedHeaders, TextPropertiesBecomeHeadersExceptBlockedOnes) {
  auto message = simple_message();
  message.set(internet_header("X-Custom"), std::string("v\xC3\xA4lue"));
  message.set(internet_header("x-custom"), std::string("second"));
  message.set(internet_header("Accept-Language"), std::string("de"));
  for (const auto* name :
       {"Content-Type", "content-transfer-encoding", "MIME-Version", "Received", "Return-Path",
        "Bcc", "Resent-Bcc", "DKIM-Signature", "ARC-Seal", "Authentication-Results", "From",
        "subject", "X-MS-Exchange-Organization-SCL", "X-Microsoft-Exchange-Organization-X",
        "X Space", "X:Colon", "X\r\nBcc", "X-\xC3\xA9", ""}) {
    message.set(internet_header(name), std::string("smuggled"));
  }
  message.set(internet_header("X-Number"), std::int32_t{5});
  const auto octets = composed(message);
  const auto mail = parsed(octets);
  EXPECT_EQ(header(mail, "X-Custom"), "v\xC3\xA4lue");
  EXPECT_EQ(header(mail, "Accept-Language"), "de");
  EXPECT_THAT(octets, Not(HasSubstr("smuggled")));
  EXPECT_FALSE(has_header(mail, "X-Number"));
}

TEST(NamedHeaders, EmbeddedMessagesKeepThoseOfTheirOrganisation) {
  auto inner = simple_message();
  inner.set(internet_header("X-MS-Exchange-Organization-SCL"), std::string("1"));
  auto message = simple_message();
  message.attachments.push_back(mapi::make_attachment(inner));
  const auto embedded = mail_of(message)["parts"][1]["parts"][0];
  EXPECT_EQ(header(embedded, "X-MS-Exchange-Organization-SCL"), "1");
}

/// Every text a writer controls, with line ends and a header in it.
TEST(Injection, NothingOfAMessageBecomesAHeaderOfItsOwn) {
  const std::string attack = std::string("x\r\nX-Evil: 1\n\rX-Evil: 2\rX-Evil: 3") + '\0' +
                             "\r\n\r\nX-Evil: body@evil.example";
  for (const bool with_unicode : {false, true}) {
    const auto text = attack + (with_unicode ? "\xC3\xA9" : "");
    auto message = simple_message();
    for (std::uint32_t id = 0x0002; id < 0x8000; ++id) {
      // Whatever text property there is, except those that decide about the structure.
      if (id == mapi::PR_MESSAGE_CLASS.id || id == mapi::PR_BODY.id || id == mapi::PR_HTML.id) {
        continue;
      }
      if (message.find(static_cast<std::uint16_t>(id)) == nullptr) {
        message.set(static_cast<std::uint16_t>(id), text);
      }
    }
    message.set(mapi::PR_SUBJECT, text);
    message.set(mapi::PR_SENT_REPRESENTING_NAME, text);
    message.set(internet_header("X-Custom"), text);
    message.set(internet_header(text), text);
    message.set({mapi::PSETID_Common, std::uint32_t{0x8530}}, text);
    message.set({mapi::PS_PUBLIC_STRINGS, std::string("Keywords")}, std::vector<std::string>{text});
    message.recipients.front().set(mapi::PR_DISPLAY_NAME, text);
    mapi::Recipient unresolved;
    unresolved.set(mapi::PR_RECIPIENT_TYPE, 2);
    unresolved.set(mapi::PR_DISPLAY_NAME, text);
    unresolved.set(mapi::PR_EMAIL_ADDRESS, "a@example.com\r\nX-Evil: 4");
    message.recipients.push_back(unresolved);
    mapi::set_address(message, mapi::sender_group, "other@example.com", text);
    message.set(mapi::PR_REPLY_RECIPIENT_ENTRIES,
                mapi::make_flat_entry_list({mapi::make_one_off({text, "SMTP", "r@example.com"})}));
    auto attachment = mapi::make_attachment("x", mapi::Content::from_text("data"));
    for (const auto tag :
         {mapi::PR_ATTACH_LONG_FILENAME, mapi::PR_DISPLAY_NAME, mapi::PR_ATTACH_MIME_TAG,
          mapi::PR_ATTACH_CONTENT_ID, mapi::PR_ATTACH_CONTENT_LOCATION,
          mapi::PR_ATTACH_CONTENT_BASE, mapi::PR_ATTACH_EXTENSION}) {
      attachment.set(tag, text);
    }
    message.attachments = {attachment, mapi::make_attachment(message)};
    const auto octets = composed(message);
    EXPECT_THAT(octets, Not(HasSubstr("\r\nX-Evil")));
    const auto mail = parsed(octets);
    ASSERT_EQ(mail["parts"].size(), 3U);
    EXPECT_EQ(content(mail["parts"][0]), "Text\r\n");
    EXPECT_EQ(content(mail["parts"][1]), "data");
  }
}

TEST(File, NothingIsMadeUpForAMessageThatNobodySends) {
  mapi::Message draft;
  draft.set(mapi::PR_SUBJECT, "Draft");
  draft.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  auto options = fixed_options();
  options.is_file = true;
  const auto plan = compose(draft, options);
  const auto octets = octets_of(plan.content());
  for (const auto* field : {"From:", "Date:", "Message-ID:"}) {
    EXPECT_THAT(octets, Not(HasSubstr(field)));
  }
  EXPECT_TRUE(has_line(octets, "X-Unsent: 1"));
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("no sender")));
  options.is_file = false;
  EXPECT_THROW((void)compose(draft, options), mapi::Failure);
}

TEST(File, ASenderWithoutAnAddressIsShownByName) {
  auto message = simple_message();
  for (const auto& group : {mapi::sender_group, mapi::sent_representing_group}) {
    for (const auto tag : {group.email_address, group.smtp_address, group.address_type}) {
      message.erase(tag);
    }
    message.erase(group.entry_id);
    message.erase(group.search_key);
    message.set(group.display_name, "Ann Sender");
  }
  auto options = fixed_options();
  options.is_file = true;
  const auto plan = compose(message, options);
  EXPECT_TRUE(has_line(octets_of(plan.content()), "From: Ann Sender :;"));
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("'Ann Sender'")));
}

TEST(File, HasTheNextBestDateThatIsStored) {
  auto message = simple_message();
  message.erase(mapi::PR_CLIENT_SUBMIT_TIME);
  auto options = fixed_options();
  options.is_file = true;
  EXPECT_THAT(octets_of(compose(message, options).content()), Not(HasSubstr("Date:")));
  message.set(mapi::PR_TRANSPORT_MESSAGE_HEADERS, "Date: Mon, 5 Mar 2012 10:00:00 +0100\r\n\r\n");
  EXPECT_TRUE(has_line(octets_of(compose(message, options).content()),
                       "Date: Mon, 05 Mar 2012 09:00:00 +0000"));
  message.set(mapi::PR_MESSAGE_DELIVERY_TIME,
              mapi::FileTime{} + std::chrono::seconds{mapi::FileTime::unix_epoch_seconds});
  EXPECT_TRUE(has_line(octets_of(compose(message, options).content()),
                       "Date: Thu, 01 Jan 1970 00:00:00 +0000"));
}

TEST(File, HasBlindCopiesIfItsReaderAsks) {
  auto message = simple_message();
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::bcc, "secret@example.com"));
  auto options = fixed_options();
  options.is_file = true;
  auto plan = compose(message, options);
  EXPECT_THAT(octets_of(plan.content()), Not(HasSubstr("secret")));
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("blind cop")));
  options.with_bcc = true;
  plan = compose(message, options);
  EXPECT_TRUE(has_line(octets_of(plan.content()), "Bcc: secret@example.com"));
  EXPECT_THAT(sentences(plan.losses), IsEmpty());
  options.is_file = false;
  EXPECT_THAT(octets_of(compose(message, options).content()), Not(HasSubstr("secret")));
}

TEST(NamedHeaders, GiveWayToAFieldThatIsThereOnly) {
  auto message = simple_message();
  const auto set = [&message](const char* name, const char* text) {
    message.set(mapi::PropertyName{mapi::PS_INTERNET_HEADERS, std::string(name)},
                std::string(text));
  };
  set("In-Reply-To", "<named@x.test>");
  set("Subject", "named");
  set("acceptlanguage", "de-DE");
  set("X-Spam-Status", "No");
  set("Auto-Submitted", "größer");
  const auto plan = compose(message, fixed_options());
  const auto octets = octets_of(plan.content());
  EXPECT_TRUE(has_line(octets, "In-Reply-To: <named@x.test>"));
  EXPECT_TRUE(has_line(octets, "Accept-Language: de-DE"));
  EXPECT_THAT(octets, Not(HasSubstr("Subject: named")));
  EXPECT_THAT(octets, Not(HasSubstr("X-Spam")));
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("Auto-Submitted")));
}

TEST(Addresses, OfAnExchangeUserWhatElseTheMessageKnows) {
  auto message = simple_message();
  const auto exchange = [](mapi::PropertyBag& bag, const mapi::AddressGroup& group,
                           const char* user) {
    for (const auto tag : {group.smtp_address}) bag.erase(tag);
    bag.erase(group.entry_id);
    bag.erase(group.search_key);
    bag.set(group.address_type, "EX");
    bag.set(group.email_address, std::string("/o=Org/cn=") + user);
    bag.set(group.display_name, user);
  };
  exchange(message, mapi::sender_group, "ann");
  exchange(message, mapi::sent_representing_group, "ann");
  mapi::Recipient bob;
  bob.set(mapi::PR_RECIPIENT_TYPE, 2);
  exchange(bob, mapi::recipient_group, "bob");
  message.recipients.push_back(bob);
  EXPECT_THROW((void)compose(message, fixed_options()), mapi::Failure);
  message.set(mapi::PR_CREATOR_EMAIL_ADDRESS, "/O=ORG/CN=ANN");
  message.set(mapi::PR_CREATOR_SMTP_ADDRESS, "ann@x.test");
  bob.set(mapi::PR_SMTP_ADDRESS, "bob@x.test");
  message.recipients.push_back(bob);
  const auto octets = composed(message);
  EXPECT_TRUE(has_line(octets, "From: ann <ann@x.test>")) << octets;
  EXPECT_TRUE(has_line(octets, "Cc: bob <bob@x.test>, bob <bob@x.test>")) << octets;
  message.set(mapi::PR_CREATOR_EMAIL_ADDRESS, "/o=Org/cn=carl");
  EXPECT_THROW((void)compose(message, fixed_options()), mapi::Failure) << "somebody else's";
}

}  // namespace
}  // namespace postern::mime
