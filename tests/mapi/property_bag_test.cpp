#include "mapi/property_bag.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

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

TEST(PropertyBag, CopiesAreIndependent) {
  PropertyBag original;
  original.set(PR_SUBJECT, "one");
  original.set(PR_PRIORITY, 1);
  PropertyBag copy = original;
  EXPECT_EQ(copy, original);
  copy.set(PR_SUBJECT, "two");
  copy.erase(PR_PRIORITY);
  copy.set(PropertyName{Guid{}, 7U}, PropertyValue{std::string("named")});
  EXPECT_EQ(original.get(PR_SUBJECT), "one");
  EXPECT_EQ(original.get(PR_PRIORITY), 1);
  EXPECT_TRUE(original.named_properties().empty());
  EXPECT_NE(copy, original);
}

/// Whatever becomes of other properties, of copies, and of what a copy has shared.
TEST(PropertyBag, ViewIsValidAsLongAsItsPropertyIsUnchanged) {
  PropertyBag bag;
  bag.set(PR_SUBJECT, "a");
  bag.set(PR_SEARCH_KEY, Binary(3, std::byte{7}));
  const auto text = *bag.get(PR_SUBJECT);
  const auto* binary = bag.get(PR_SEARCH_KEY);
  {
    const PropertyBag copy = bag;
    bag.set(PR_PRIORITY, 1);
    EXPECT_FALSE(copy.get(PR_PRIORITY));
  }
  for (std::uint16_t id = 0x6000; id < 0x6100; ++id) bag.set(id, PropertyValue{1});
  const PropertyBag moved = std::move(bag);
  EXPECT_EQ(moved.get(PR_SUBJECT)->data(), text.data());
  EXPECT_EQ(moved.get(PR_SEARCH_KEY), binary);
}

TEST(PropertyBag, PropertiesComeInTheOrderOfTheirIds) {
  PropertyBag bag;
  for (const std::uint16_t id : std::vector<std::uint16_t>{7, 3, 9, 1, 3}) {
    bag.set(id, PropertyValue{1});
  }
  std::vector<std::uint16_t> ids;
  for (const auto& [id, value] : bag.properties()) ids.push_back(id);
  EXPECT_EQ(ids, (std::vector<std::uint16_t>{1, 3, 7, 9}));
}

TEST(PropertyBag, CopiesMayBeChangedOnDifferentThreads) {
  PropertyBag bag;
  bag.set(PR_SUBJECT, "shared");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy = bag, i]() mutable {
      for (int round = 0; round < 1000; ++round) {
        PropertyBag own = copy;
        own.set(PR_PRIORITY, i);
        copy = own;
      }
      EXPECT_EQ(copy.get(PR_PRIORITY), i);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(bag.get(PR_PRIORITY));
}

}  // namespace
}  // namespace postern::mapi
