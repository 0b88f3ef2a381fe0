#include "base/host_name.h"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(HostName, IsADomainInLowerCase) {
  EXPECT_EQ(domain_or_localhost("Mail.Example.ORG"), "mail.example.org");
  EXPECT_EQ(domain_or_localhost("vm-1_a"), "vm-1_a");
  EXPECT_EQ(host_name(), domain_or_localhost(host_name()));
}

TEST(HostName, IsLocalhostWhereItIsNoDomain) {
  for (const char* odd : {"", ".", "a..b", "a.", ".a", "a b", "a\nb", "b\xC3\xBCro", "a;b"}) {
    EXPECT_EQ(domain_or_localhost(odd), "localhost") << odd;
  }
  EXPECT_EQ(domain_or_localhost(std::string(256, 'a')), "localhost");
}

}  // namespace
}  // namespace postern
