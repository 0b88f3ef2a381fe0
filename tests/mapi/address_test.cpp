#include "mapi/address.h"

#include <cstddef>
#include <utility>

#include <gtest/gtest.h>

namespace postern::mapi {
namespace {

TEST(SmtpAddress, AcceptsWhatServersAccept) {
  for (const char* good :
       {"a@b", "first.last@example.com", "o'neil+tag@sub.example.org", "\"two words\"@example.com",
        "user@[192.0.2.1]", "user@[IPv6:2001:db8::1]", "j\xC3\xBCrgen@example.com",
        "post@b\xC3\xBC"
        "cher.example"}) {
    EXPECT_TRUE(is_smtp_address(good)) << good;
  }
}

TEST(SmtpAddress, RefusesWhatCouldBecomeACommandOrIsNoAddress) {
  for (const char* bad :
       {"", "nobody", "@example.com", "user@", "a b@example.com", "a@exam ple.com",
        "a@example.com\r\nRCPT TO:<b@example.com>", "a\n@example.com", "<a@example.com>",
        "a@example..com", "a@.com", "a@example.com.", "a@[not a literal]", "a,b@example.com"}) {
    EXPECT_FALSE(is_smtp_address(bad)) << bad;
  }
}

TEST(OneOff, ComesBackAsItWasMade) {
  const Address address{"J\xC3\xBCrgen \xF0\x9F\x93\xAE", "SMTP", "juergen@example.com"};
  EXPECT_EQ(parse_one_off(make_one_off(address).bytes), address);
}

/// The flags within a one-off entry id.
unsigned flags_of(const EntryId& one_off) {
  return std::to_integer<unsigned>(one_off.bytes.at(22)) |
         std::to_integer<unsigned>(one_off.bytes.at(23)) << 8U;
}

TEST(OneOff, TakesRichInfoUnlessItIsForbiddenOrTheAddressIsAnInternetAddress) {
  const Address fax{"Fax", "FAX", "1234"};
  for (const auto& [entry, takes] :
       {std::pair(create_one_off(fax, 0), true),
        std::pair(create_one_off(fax, MAPI_SEND_NO_RICH_INFO), false),
        std::pair(create_one_off({"Ann", "smtp", "ann@example.com"}, 0), false)}) {
    EXPECT_EQ((flags_of(entry) & MAPI_ONE_OFF_NO_RICH_INFO) == 0, takes);
    EXPECT_NE(flags_of(entry) & MAPI_ONE_OFF_UNICODE, 0U);
    const auto read = parse_one_off(entry.bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->takes_rich_info, takes);
    EXPECT_EQ(make_one_off(*read), entry);
  }
}

TEST(OneOff, TruncatedAnywhereIsNoAddressAndNoCrash) {
  const auto whole = make_one_off({"Name", "SMTP", "a@example.com"}).bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_one_off({whole.begin(), whole.begin() + static_cast<long>(size)}));
  }
}

TEST(FlatEntryList, ComesBackAndDropsMalformedTails) {
  const std::vector<EntryId> entries{make_one_off({"A", "SMTP", "a@example.com"}),
                                     make_one_off({"Bee", "SMTP", "b@example.com"})};
  auto list = make_flat_entry_list(entries);
  EXPECT_EQ(parse_flat_entry_list(list), entries);
  list.resize(list.size() - 8);
  EXPECT_EQ(parse_flat_entry_list(list).size(), 1U);
}

TEST(SmtpAddressOfGroup, TakesTheSourcesInTheirOrder) {
  Recipient row;
  row.set(PR_DISPLAY_NAME, "name@example.com");
  EXPECT_EQ(smtp_address(row, recipient_group), "name@example.com");
  row.set(PR_SEARCH_KEY, make_search_key({"", "SMTP", "key@example.com"}));
  EXPECT_EQ(smtp_address(row, recipient_group), "key@example.com");
  row.set(PR_EMAIL_ADDRESS, "untyped@example.com");
  EXPECT_EQ(smtp_address(row, recipient_group), "untyped@example.com");
  row.set(PR_ENTRYID, make_one_off({"", "SMTP", "oneoff@example.com"}).bytes);
  EXPECT_EQ(smtp_address(row, recipient_group), "oneoff@example.com");
  row.set(PR_SMTP_ADDRESS, "'smtp@example.com'");
  EXPECT_EQ(smtp_address(row, recipient_group), "smtp@example.com");
  row.set(PR_ADDRTYPE, "smtp");
  EXPECT_EQ(smtp_address(row, recipient_group), "untyped@example.com");
}

TEST(SmtpAddressOfGroup, AnExchangeNameIsNoAddress) {
  Recipient row;
  row.set(PR_ADDRTYPE, "EX");
  row.set(PR_EMAIL_ADDRESS, "/o=org/cn=recipients/cn=a@b");
  row.set(PR_DISPLAY_NAME, "Somebody");
  EXPECT_FALSE(smtp_address(row, recipient_group));
}

}  // namespace
}  // namespace postern::mapi
