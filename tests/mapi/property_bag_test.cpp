#include "mapi/property_bag.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
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

TEST(PropertyBag, AllOfAnotherReplacesWhatIsThereAndLeavesTheRest) {
  PropertyBag bag;
  for (const int id : {2, 4, 6}) bag.set(static_cast<std::uint16_t>(id), PropertyValue{id});
  PropertyBag other;
  for (const int id : {1, 4, 9}) other.set(static_cast<std::uint16_t>(id), PropertyValue{-id});
  const PropertyName name{PS_PUBLIC_STRINGS, 7U};
  other.set(name, PropertyValue{true});
  const auto before = bag;
  bag.copy_all(other);
  bag.copy_all(bag);
  bag.copy_all({});
  std::vector<std::pair<std::uint16_t, std::int32_t>> found;
  for (const auto& [id, value] : bag.properties()) {
    found.emplace_back(id, std::get<std::int32_t>(value));
  }
  EXPECT_EQ(found, (std::vector<std::pair<std::uint16_t, std::int32_t>>{
                       {1, -1}, {2, 2}, {4, -4}, {6, 6}, {9, -9}}));
  EXPECT_NE(bag.find(name), nullptr);
  EXPECT_EQ(before.properties().size(), 3U);
}

/// Against std::map, over copies that share and part again.
TEST(PropertyBag, HoldsWhatAMapHoldsWhateverIsDoneToItAndItsCopies) {
  std::mt19937 random(17);  // NOLINT(cert-msc51-cpp): the same steps every time
  std::vector<std::pair<PropertyBag, std::map<std::uint16_t, std::string>>> pairs(4);
  for (int step = 0; step < 20'000; ++step) {
    auto& [bag, map] = pairs[random() % pairs.size()];
    const auto& [other_bag, other_map] = pairs[random() % pairs.size()];
    const auto id = static_cast<std::uint16_t>(random() % 60);
    const auto there = static_cast<std::uint16_t>(random() % 60);
    switch (random() % 6) {
      case 0:
      case 1: {
        const std::string text(random() % 600, static_cast<char>('a' + random() % 26));
        bag.set(id, PropertyValue{text});
        map[id] = text;
        break;
      }
      case 2:
        bag.erase(Tag<PropertyType::unicode>{id});
        map.erase(id);
        break;
      case 3: {
        const auto found = other_map.find(there);
        const auto value = found == other_map.end() ? std::nullopt : std::optional(found->second);
        bag.copy(Tag<PropertyType::unicode>{id}, other_bag, Tag<PropertyType::unicode>{there});
        value ? void(map[id] = *value) : void(map.erase(id));
        break;
      }
      case 4:
        bag.copy_all(other_bag);
        for (const auto& [key, value] : std::map(other_map)) map[key] = value;
        break;
      default:
        bag = PropertyBag(other_bag);
        map = std::map(other_map);
    }
    std::map<std::uint16_t, std::string> held;
    for (const auto& [key, value] : bag.properties()) held[key] = std::get<std::string>(value);
    ASSERT_EQ(held, map) << "step " << step;
  }
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
