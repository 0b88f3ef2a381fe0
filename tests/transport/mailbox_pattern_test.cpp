// Where mailboxes lie, and that no address leads out of there.
#include "transport/maildir/mailbox_pattern.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::transport {
namespace {

TEST(MailboxPattern, EachAddressHasItsDirectory) {
  const MailboxPattern pattern("/var/mail/{domain}/{local}/Maildir");
  EXPECT_EQ(pattern.base(), "/var/mail");
  EXPECT_EQ(pattern.mailbox("Ann.Lee+x@Example.COM"), "example.com/ann.lee+x/Maildir");
  EXPECT_EQ(pattern.mailbox("a@bücher.example"), "xn--bcher-kva.example/a/Maildir");
  EXPECT_EQ(MailboxPattern("/m/{local}@{domain}/").mailbox("ann@a.test"), "ann@a.test");
}

TEST(MailboxPattern, WithoutPlaceholdersIsOneDropDirectory) {
  const MailboxPattern pattern("/var/drop");
  EXPECT_EQ(pattern.base(), "/var");
  EXPECT_EQ(pattern.mailbox("ann@a.test"), "drop");
}

TEST(MailboxPattern, QuotesAreNoPartOfTheName) {
  const MailboxPattern pattern("/m/{local}");
  EXPECT_EQ(pattern.mailbox("\"ann\"@a.test"), "ann");
  EXPECT_EQ(pattern.mailbox("\"a\\\"b c\"@a.test"), "a%22b%20c");
}

TEST(MailboxPattern, NoAddressLeadsOutOfTheBase) {
  const MailboxPattern pattern("/m/{domain}/{local}");
  for (const auto* address : {"../../etc/passwd@a.test", "\"..\"@a.test", "..@a.test", ".@a.test",
                              "/@a.test", "\"a/../../b\"@a.test", "a@..", "a@../x", "a@[../..]",
                              "{domain}/..@a.test", "\"\"@a.test"}) {
    const auto mailbox = pattern.mailbox(address);
    EXPECT_EQ(mailbox, mailbox.lexically_normal()) << address;
    EXPECT_TRUE(mailbox.is_relative()) << address;
    EXPECT_NE(*mailbox.begin(), "..") << address;
    EXPECT_EQ(std::distance(mailbox.begin(), mailbox.end()), 2) << address << ": " << mailbox;
  }
}

TEST(MailboxPattern, DifferentLocalPartsHaveDifferentDirectories) {
  const MailboxPattern pattern("/m/{local}");
  EXPECT_NE(pattern.mailbox("a/b@a.test"), pattern.mailbox("a%2Fb@a.test"));
  EXPECT_NE(pattern.mailbox(".a@a.test"), pattern.mailbox("%2Ea@a.test"));
}

TEST(MailboxPattern, SaysWhatIsNoPath) {
  for (const auto* text : {"", "/", "mail/{local}", "/m/{user}", "/m/{local", "/m/../{local}",
                           "/m//{local}", "/m/\n"}) {
    EXPECT_THROW(MailboxPattern{text}, std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace postern::transport
