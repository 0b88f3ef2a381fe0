#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "mapi/address.h"

namespace postern::mapi {
namespace {

struct Case {
  const char* stored;
  const char* wire;  ///< nullptr: no address
};

class WireAddressOf : public testing::TestWithParam<Case> {};

TEST_P(WireAddressOf, IsOne) {
  const auto& [stored, wire] = GetParam();
  const auto found = wire_address(stored);
  ASSERT_EQ(found.has_value(), wire != nullptr) << stored << " became " << found.value_or("");
  if (!found) return;
  EXPECT_EQ(*found, wire);
  EXPECT_EQ(wire_address(*found), found) << "it is no fixed point";
}

constexpr Case plain[] = {{"ann@example.com", "ann@example.com"},
                          {"Ann.O'Neil+x@Example.COM", "Ann.O'Neil+x@Example.COM"},
                          {"ann@[192.0.2.1]", "ann@[192.0.2.1]"}};
INSTANTIATE_TEST_SUITE_P(Plain, WireAddressOf, testing::ValuesIn(plain));

constexpr Case surrounded[] = {{"'ann@x.test'", "ann@x.test"},
                               {"<ann@x.test>", "ann@x.test"},
                               {"SMTP:ann@x.test", "ann@x.test"},
                               {"mailto:ann@x.test", "ann@x.test"},
                               {"MAILTO:ann%2Bb@x.test?subject=hello", "ann+b@x.test"},
                               {"Ann Smith <ann@x.test>", "ann@x.test"},
                               {"ann@x.test <ann@x.test>", "ann@x.test"},
                               {"ann@x.test;", "ann@x.test"},
                               {"ann@x.test.", "ann@x.test"},
                               {" \t'<SMTP:ann@x.test>' ;", "ann@x.test"}};
INSTANTIATE_TEST_SUITE_P(Surrounded, WireAddressOf, testing::ValuesIn(surrounded));

constexpr Case invisible[] = {
    {"\u200Bann@x.test", "ann@x.test"},    {"ann\u200B@\u00A0x.test\u202C", "ann@x.test"},
    {"\uFEFFann@x.test", "ann@x.test"},    {"an\u200En@x.test", "ann@x.test"},
    {"ann@x.te\u00ADst", "ann@x.test"},    {"ann@x.te\u200Bst", "ann@x.test"},
    {"\u3000ann @ x.test\n", "ann@x.test"}};
INSTANTIATE_TEST_SUITE_P(Invisible, WireAddressOf, testing::ValuesIn(invisible));

constexpr Case domains[] = {{"info@bücher.example", "info@xn--bcher-kva.example"},
                            {"info@BÜCHER.example", "info@xn--bcher-kva.example"},
                            {"jörg@bücher.example", "jörg@xn--bcher-kva.example"},
                            {"info@例え。テスト", "info@xn--r8jz45g.xn--zckzah"},
                            {"info@xn--bcher-kva.example", "info@xn--bcher-kva.example"}};
INSTANTIATE_TEST_SUITE_P(Domains, WireAddressOf, testing::ValuesIn(domains));

constexpr Case local_parts[] = {{"user..name.@docomo.example", "\"user..name.\"@docomo.example"},
                                {".lead@ezweb.example", "\".lead\"@ezweb.example"},
                                {"two words@x.test", "\"two words\"@x.test"},
                                {"\"\u00A0a\"@x.test", "\"\u00A0a\"@x.test"},
                                {"a\u200Cb@x.test", "a\u200Cb@x.test"},
                                {"a(b)@x.test", "\"a(b)\"@x.test"},
                                {"back\\slash@x.test", "\"back\\\\slash\"@x.test"},
                                {"\"ann\"@x.test", "ann@x.test"},
                                {"\"a b\"@x.test", "\"a b\"@x.test"},
                                {"\"a@b\"@x.test", "\"a@b\"@x.test"}};
INSTANTIATE_TEST_SUITE_P(LocalParts, WireAddressOf, testing::ValuesIn(local_parts));

constexpr Case none[] = {{"", nullptr},
                         {"ann", nullptr},
                         {"@x.test", nullptr},
                         {"ann@", nullptr},
                         {"ann@x..test", nullptr},
                         {"a@b.test, c@d.test", nullptr},
                         {"a@b.test; c@d.test", nullptr},
                         {"a@b@c.test", nullptr},
                         {"a, b@x.test", nullptr},
                         {"sip:a@b.test", nullptr},
                         {"ann@x.test\r\nRCPT TO:<bob@x.test>", nullptr},
                         {"a\r\nb@x.test", nullptr},
                         {"a%0D%0Ab@x.test", "a%0D%0Ab@x.test"},
                         {"mailto:a%0D%0Ab@x.test", nullptr},
                         {"\"a\nb\"@x.test", nullptr},
                         {"/O=ORG/CN=ANN", nullptr},
                         {"\xFF@x.test", nullptr}};
INSTANTIATE_TEST_SUITE_P(None, WireAddressOf, testing::ValuesIn(none));

TEST(WireAddress, IsSoughtInLinearTime) {
  for (const std::size_t length : {1000U, 100'000U, 10'000'000U}) {
    (void)wire_address("a@b.test" + std::string(length, ';'));
    (void)wire_address(std::string(length, '<') + "a@b.test");
    (void)wire_address("a@b.test" + std::string(length, ' '));
  }
}

TEST(SmtpAddressOfGroup, ARealAddressBeatsAPseudoAddress) {
  Recipient row;
  row.set(PR_ADDRTYPE, "SMTP");
  row.set(PR_EMAIL_ADDRESS, "IMCEAEX-_O=ORG_CN=BOB@example.org");
  EXPECT_EQ(smtp_address(row, recipient_group), "IMCEAEX-_O=ORG_CN=BOB@example.org");
  row.set(PR_SMTP_ADDRESS, "bob@example.org");
  EXPECT_EQ(smtp_address(row, recipient_group), "bob@example.org");
}

}  // namespace
}  // namespace postern::mapi
