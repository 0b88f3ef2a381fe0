#include "smtp/dns/domain_name.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(DomainName, IsLoweredAndKeepsNoLastDot) {
  EXPECT_EQ(dns_name("Mail.Example."), "mail.example");
  EXPECT_EQ(dns_name("a_b.example"), "a_b.example");
}

TEST(DomainName, InternationalOnesBecomeALabels) {
  EXPECT_EQ(dns_name("bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(dns_name("BÜCHER.example"), "xn--bcher-kva.example");
  EXPECT_EQ(dns_name("straße.example"), "xn--strae-oqa.example");
}

TEST(DomainName, RefusesWhatIsNoNameOfAHost) {
  for (const std::string_view name :
       {"", ".", "a..b", "-a.example", "a-.example", "a b.example", "a\r\nb.example", "192.0.2.1",
        "example.7", "\xFF.example", "a/b", "bü cher.example", "[192.0.2.1]"}) {
    EXPECT_FALSE(dns_name(name)) << name;
  }
  EXPECT_FALSE(dns_name(std::string(64, 'a') + ".example"));
  std::string lengthy = "example";
  while (lengthy.size() <= 253) lengthy = "abcdefg." + lengthy;
  EXPECT_FALSE(dns_name(lengthy));
}

TEST(DomainName, ReadsAddressLiterals) {
  EXPECT_EQ(address_literal("[192.0.2.1]")->to_string(), "192.0.2.1");
  EXPECT_EQ(address_literal("[IPv6:2001:db8::1]")->to_string(), "2001:db8::1");
  EXPECT_EQ(address_literal("[ipv6:::ffff:192.0.2.1]")->to_string(), "192.0.2.1");
  for (const std::string_view none :
       {"", "[]", "192.0.2.1", "[192.0.2]", "[192.0.2.256]", "[2001:db8::1]", "[IPv6:192.0.2.1]",
        "[IPv6:fe80::1%eth0]", "[192.0.2.1", "[x]"}) {
    EXPECT_FALSE(address_literal(none)) << none;
  }
}

}  // namespace
}  // namespace postern::smtp
