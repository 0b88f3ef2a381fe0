#include <gtest/gtest.h>

#include "mapi/error.h"
#include "mapi/property_bag.h"
#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

TEST(PropertyTag, HasTheValueOfTheHeaders) {
  EXPECT_EQ(PR_SUBJECT.value(), 0x0037001FU);
  EXPECT_EQ(PR_RESPONSIBILITY.value(), 0x0E0F000BU);
  EXPECT_EQ(PR_HTML.value(), 0x10130102U);
  EXPECT_EQ(PR_CLIENT_SUBMIT_TIME.value(), 0x00390040U);
}

TEST(PropertyTag, SetsHaveTheirGuids) {
  const std::array<std::uint8_t, 16> internet_headers{0x86, 0x03, 0x02, 0x00, 0, 0, 0, 0,
                                                      0xC0, 0,    0,    0,    0, 0, 0, 0x46};
  EXPECT_EQ(PS_INTERNET_HEADERS.bytes, internet_headers);
  EXPECT_EQ(PSETID_Common.bytes[0], 0x08);
  EXPECT_EQ(PSETID_Common.bytes[1], 0x20);
  EXPECT_EQ(PSETID_Common.bytes[2], 0x06);
}

TEST(PropertyBag, GivesBackWhatWasSet) {
  PropertyBag bag;
  bag.set(PR_SUBJECT, "hello");
  bag.set(PR_IMPORTANCE, 2);
  bag.set(PR_CONVERSATION_INDEX, Binary{std::byte{1}});
  EXPECT_EQ(bag.get(PR_SUBJECT), "hello");
  EXPECT_EQ(bag.get(PR_IMPORTANCE), 2);
  ASSERT_NE(bag.get(PR_CONVERSATION_INDEX), nullptr);
  EXPECT_EQ(bag.get(PR_CONVERSATION_INDEX)->size(), 1U);
  EXPECT_EQ(bag.get_or(PR_BODY, "none"), "none");
  EXPECT_TRUE(bag.erase(PR_SUBJECT));
  EXPECT_FALSE(bag.get(PR_SUBJECT));
}

TEST(PropertyBag, AValueOfAnotherTypeIsAbsent) {
  PropertyBag bag;
  bag.set(PR_HTML.id, PropertyValue{std::string("text")});
  EXPECT_EQ(bag.get(PR_HTML), nullptr);
  EXPECT_EQ(bag.get(PR_BODY_HTML), "text");
}

TEST(PropertyBag, KeepsNamedPropertiesByName) {
  PropertyBag bag;
  const PropertyName name{PS_INTERNET_HEADERS, std::string("X-Test")};
  bag.set(name, PropertyValue{std::string("value")});
  EXPECT_EQ(bag.get_text(name), "value");
  EXPECT_FALSE(bag.get_text({PS_PUBLIC_STRINGS, std::string("X-Test")}));
}

TEST(PropertyBag, CopyingAnAbsentPropertyRemovesIt) {
  PropertyBag from;
  PropertyBag to;
  to.set(PR_ORIGINAL_SUBJECT, "old");
  to.copy(PR_ORIGINAL_SUBJECT, from, PR_SUBJECT);
  EXPECT_FALSE(to.get(PR_ORIGINAL_SUBJECT));
}

TEST(TypeOf, NamesTheMapiType) {
  EXPECT_EQ(type_of(PropertyValue{std::string()}), 0x001F);
  EXPECT_EQ(type_of(PropertyValue{true}), 0x000B);
  EXPECT_EQ(type_of(PropertyValue{std::vector<std::string>{}}), 0x101F);
  EXPECT_EQ(type_of(PropertyValue{Binary{}}), 0x0102);
}

TEST(Code, HasItsName) {
  EXPECT_EQ(name(MAPI_E_SUBMITTED), "MAPI_E_SUBMITTED");
  EXPECT_EQ(name(static_cast<Code>(0x80041234)), "0x80041234");
}

TEST(FileTime, CountsFrom1601) {
  EXPECT_EQ(FileTime{116444736000000000}.unix_seconds(), 0);
  const auto time = std::chrono::system_clock::time_point{std::chrono::seconds{1700000000}};
  EXPECT_EQ(FileTime::from(time).time_point(), time);
}

}  // namespace
}  // namespace postern::mapi
