#include "smtp/connect/greeting_name.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using boost::asio::ip::make_address;
using Addresses = std::set<boost::asio::ip::address>;

const Addresses some{make_address("127.0.0.1"), make_address("::1"), make_address("fe80::1"),
                     make_address("2001:db8::5"), make_address("192.0.2.7")};

TEST(GreetingName, IsTheHostsOwnIfItHasADomain) {
  EXPECT_EQ(greeting_name("Mail.Example.ORG", "", some), "mail.example.org");
}

TEST(GreetingName, IsTheFullOneThatHostsGives) {
  const char* hosts =
      "# 127.0.1.1 vm.comment.example vm\n"
      "127.0.0.1 localhost localhost.localdomain\n"
      "127.0.1.1\tvm.example.net VM\n";
  EXPECT_EQ(greeting_name("vm", hosts, some), "vm.example.net");
}

TEST(GreetingName, IsALiteralOtherwise) {
  EXPECT_EQ(greeting_name("vm", "127.0.1.1 vm\n10.0.0.1 other.example other\n", some),
            "[192.0.2.7]");
  EXPECT_EQ(greeting_name("localhost", "127.0.0.1 localhost localhost.localdomain\n", some),
            "[192.0.2.7]");
  EXPECT_EQ(greeting_name("vm.localdomain", "", some), "[192.0.2.7]");
}

TEST(GreetingName, LiteralIsOneThatOthersReach) {
  EXPECT_EQ(greeting_name("vm", "", {make_address("::1"), make_address("2001:db8::5")}),
            "[IPv6:2001:db8::5]");
  EXPECT_EQ(greeting_name("vm", "", {make_address("127.0.0.1"), make_address("fe80::1%1")}),
            "[IPv6:fe80::1]");
  EXPECT_EQ(greeting_name("vm", "", {make_address("127.0.0.1")}), "[127.0.0.1]");
  EXPECT_EQ(greeting_name("vm", "", {make_address("169.254.3.4"), make_address("2001:db8::5")}),
            "[IPv6:2001:db8::5]");
  EXPECT_EQ(greeting_name("vm", "", {}), "[127.0.0.1]");
}

}  // namespace
}  // namespace postern::smtp
