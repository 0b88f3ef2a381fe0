#include "smtp/dkim_settings.h"

#include <functional>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/dkim/dkim_keys.h"

namespace postern::smtp::test {
namespace {

using testing::HasSubstr;

DkimSettings localhost_certificate() {
  return {"example.org", "2026-a", DkimKey::from_pem(rfc_8463_pem)};
}

/// The refusal of settings that were good before `spoil`.
std::string refusal(const std::function<void(DkimSettings&)>& spoil) {
  DkimSettings settings = localhost_certificate();
  spoil(settings);
  try {
    checked(settings);
  } catch (const std::invalid_argument& fault) {
    return fault.what();
  }
  return "taken";
}

std::string domain_refusal(const std::string& domain) {
  return refusal([&](DkimSettings& settings) { settings.domain = domain; });
}
std::string selector_refusal(const std::string& selector) {
  return refusal([&](DkimSettings& settings) { settings.selector = selector; });
}
std::string identity_refusal(const std::string& identity) {
  return refusal([&](DkimSettings& settings) { settings.identity = identity; });
}
std::string fields_refusal(const std::vector<SignedField>& fields) {
  return refusal([&](DkimSettings& settings) { settings.fields = fields; });
}

TEST(DkimSettings, DomainIsTwoOrMoreLabels) {
  for (const auto* domain : {"a.b", "Example.ORG", "xn--bcher-kva.example", "1.2.3"}) {
    EXPECT_EQ(domain_refusal(domain), "taken") << domain;
  }
  EXPECT_EQ(domain_refusal("b\xC3\xBC"
                           "cher.example"),
            "\"b\xC3\xBC"
            "cher.example\" is no domain that can sign: it needs two or more labels of "
            "letters, digits and hyphens, in the xn-- form if not ASCII");
  for (const auto* domain : {"", "org", ".org", "a..b", "a.b.", "-a.b", "a-.b", "a b.c", "a;b.c",
                             "a.b\r\nX: y", "a_b.c", "a.b; l=0"}) {
    EXPECT_THAT(domain_refusal(domain), HasSubstr("is no domain that can sign")) << domain;
  }
  EXPECT_THAT(domain_refusal(std::string(64, 'a') + ".b"), HasSubstr("is no domain"));
  EXPECT_THAT(domain_refusal(std::string(60, 'a') + "." + std::string(60, 'b') + "." +
                             std::string(60, 'c') + "." + std::string(60, 'd')),
              HasSubstr("is longer than the 253 octets"));
}

TEST(DkimSettings, SelectorIsOneOrMoreLabels) {
  EXPECT_EQ(selector_refusal("a"), "taken");
  EXPECT_EQ(selector_refusal("jan.2026"), "taken");
  for (const auto* selector : {"", "a b", "a;b", "a.", "s\r\nX: y", "\xC3\xBC"}) {
    EXPECT_THAT(selector_refusal(selector), HasSubstr("is no DKIM selector")) << selector;
  }
}

TEST(DkimSettings, IdentityLiesInTheDomain) {
  for (const auto* identity :
       {"@example.org", "a@EXAMPLE.org", "a.b+c=d@sub.example.org", "\"a; b\"@example.org"}) {
    EXPECT_EQ(identity_refusal(identity), "taken") << identity;
  }
  for (const auto* identity : {"@example.com", "a@badexample.org", "a@org", "@.example.org"}) {
    EXPECT_THAT(identity_refusal(identity), HasSubstr("does not lie in the signing domain"))
        << identity;
  }
  for (const auto* identity :
       {"example.org", "a b@example.org", "\xC3\xBC@example.org", "a\r\nX: y@example.org"}) {
    EXPECT_THAT(identity_refusal(identity), HasSubstr("is not of the form [local]@domain"))
        << identity;
  }
}

TEST(DkimSettings, LifetimeIsASecondToTenYears) {
  const auto of = [](std::chrono::seconds lifetime) {
    return refusal([&](DkimSettings& settings) { settings.lifetime = lifetime; });
  };
  EXPECT_EQ(of(std::chrono::seconds(1)), "taken");
  EXPECT_EQ(of(std::chrono::years(10)), "taken");
  EXPECT_EQ(of(std::chrono::seconds(0)), "a DKIM signature cannot be valid for 0 seconds");
  EXPECT_THAT(of(std::chrono::seconds::max()), HasSubstr("cannot be valid for"));
}

TEST(DkimSettings, FieldsAreNamesAndEachIsThereOnce) {
  EXPECT_EQ(fields_refusal({{"From"}, {"X-Any!"}}), "taken");
  for (const auto* field : {"", "A:B", "A;B", "A B", "A\r\nB", "\xC3\xBC"}) {
    EXPECT_THAT(fields_refusal({{field}}), HasSubstr("is no name of a header field to sign"));
  }
  EXPECT_EQ(fields_refusal({{"To"}, {"TO"}}), "\"TO\" is twice among the header fields to sign");
  EXPECT_THAT(fields_refusal({{"DKIM-signature"}}), HasSubstr("cannot be among"));
}

TEST(DkimSettings, FromIsAlwaysSignedAndSealed) {
  DkimSettings settings = localhost_certificate();
  settings.fields = {{"To"}};
  settings = checked(settings);
  ASSERT_EQ(settings.fields.size(), 2U);
  EXPECT_EQ(settings.fields[0].name, "From");
  EXPECT_EQ(settings.fields[0].oversign, Oversign::always);
}

}  // namespace
}  // namespace postern::smtp::test
