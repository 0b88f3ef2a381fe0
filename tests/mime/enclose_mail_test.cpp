#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "mime/read_mail.h"

namespace postern::mime {
namespace {

const mapi::FileTime now = mapi::FileTime::now();

mapi::Message enclosed(std::string_view mail) {
  return enclose_mail(mapi::Content::from_text(mail), "Why.\n", now);
}

TEST(EncloseMail, ShowsTheHeaderAndKeepsTheOctets) {
  constexpr std::string_view mail =
      "From: \"=?utf-8?Q?J=C3=B6rg?=\" <joerg@a.example>\nSubject: "
      "=?utf-8?Q?R=C3=BCckl=C3=A4ufer?=\n"
      "\tagain\nDate: Thu, 01 Jan 1970 00:00:10 +0000\nMessage-ID: (x) <1@a.example>\n\nHello\r\n";
  const auto message = enclosed(mail);
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_CLASS), "IPM.Note");
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Rückläufer\tagain");
  EXPECT_EQ(message.get(mapi::PR_SENDER_NAME), "Jörg");
  EXPECT_EQ(message.get(mapi::PR_SENDER_EMAIL_ADDRESS), "joerg@a.example");
  EXPECT_EQ(message.get(mapi::PR_INTERNET_MESSAGE_ID), "<1@a.example>");
  EXPECT_EQ(message.get(mapi::PR_CLIENT_SUBMIT_TIME)->unix_seconds(), 10);
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_DELIVERY_TIME), now);
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_UNMODIFIED) << "no draft, not read";
  EXPECT_EQ(message.get(mapi::PR_BODY), "Why.\r\n");
  ASSERT_EQ(message.attachments.size(), 1U);
  const auto octets = message.attachments[0].data.read_all();
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()), mail);
}

TEST(EncloseMail, WhatTheHeaderLacksIsAbsent) {
  for (const auto* mail : {"", "\n", "no header at all", "From: \nSubject:\n\n"}) {
    const auto message = enclosed(mail);
    EXPECT_EQ(message.get_or(mapi::PR_SUBJECT, ""), "");
    EXPECT_FALSE(message.get(mapi::PR_SENDER_NAME)) << mail;
    EXPECT_FALSE(message.get(mapi::PR_INTERNET_MESSAGE_ID)) << mail;
    EXPECT_EQ(message.attachments.size(), 1U);
  }
}

TEST(EncloseMail, ASenderThatIsNoAddressIsShownAsHeIsWritten) {
  EXPECT_EQ(enclosed("From: MAILER-DAEMON\n\n").get(mapi::PR_SENDER_NAME), "MAILER-DAEMON");
  EXPECT_EQ(enclosed("From: a@b.example (Ann)\n\n").get(mapi::PR_SENDER_EMAIL_ADDRESS),
            "a@b.example");
  EXPECT_EQ(enclosed("From: x\x1b[2J <>\n\n").get(mapi::PR_SENDER_NAME), "x?[2J <>");
}

}  // namespace
}  // namespace postern::mime
