#include "store/table/value_codec.h"

#include <random>

#include <gtest/gtest.h>

#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::store {
namespace {

using mapi::Binary;
using mapi::PropertyBag;
using mapi::PropertyName;
using mapi::PropertyValue;

/// A property of every type, alone and in a list, and named ones of both kinds.
PropertyBag every_type() {
  const mapi::Guid guid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}};
  const Binary octets{std::byte{0}, std::byte{0xFF}};
  const std::vector<PropertyValue> values{
      std::int16_t{-2},
      std::int32_t{-70'000},
      1.5F,
      -2.25,
      mapi::Currency{-12'345},
      mapi::ApplicationTime{44'000.5},
      mapi::PropertyError{0x8004010F},
      true,
      std::int64_t{-1} << 40,
      std::string("J\xC3\xBCrgen\0x", 9),
      mapi::FileTime{~std::uint64_t{0}},
      guid,
      octets,
      std::vector<std::int16_t>{1, -1},
      std::vector<std::int32_t>{},
      std::vector<float>{0.5F},
      std::vector<double>{1, 2},
      std::vector<mapi::Currency>{{1}},
      std::vector<mapi::ApplicationTime>{{2}},
      std::vector<std::int64_t>{3},
      std::vector<std::string>{"", "two"},
      std::vector<mapi::FileTime>{{4}},
      std::vector<mapi::Guid>{guid},
      std::vector<Binary>{octets, {}},
  };
  EXPECT_EQ(values.size(), std::variant_size_v<PropertyValue>);
  PropertyBag bag;
  for (std::size_t i = 0; i < values.size(); ++i) {
    bag.set(static_cast<std::uint16_t>(0x6600 + i), values[i]);
    bag.set(PropertyName{guid, static_cast<std::uint32_t>(i)}, values[i]);
    bag.set(PropertyName{guid, "name " + std::to_string(i)}, values[i]);
  }
  return bag;
}

PropertyBag decoded(std::span<const std::byte> octets) {
  PropertyBag bag;
  decode_into(bag, octets);
  return bag;
}

TEST(ValueCodec, EveryTypeAndNameComesBackAsItWas) {
  const auto bag = every_type();
  EXPECT_EQ(decoded(encode(bag)), bag);
}

TEST(ValueCodec, EqualBagsGiveEqualOctets) {
  PropertyBag one;
  one.set(mapi::PR_SUBJECT, "s");
  one.set(mapi::PR_PRIORITY, 1);
  PropertyBag other;
  other.set(mapi::PR_PRIORITY, 1);
  other.set(mapi::PR_SUBJECT, "s");
  EXPECT_EQ(encode(one), encode(other));
}

TEST(ValueCodec, LongTextAndLongListsComeBack) {
  PropertyBag bag;
  bag.set(mapi::PR_BODY, std::string(300'000, 'x'));
  bag.set(0x6601, std::vector<std::int32_t>(20'000, 7));
  EXPECT_EQ(decoded(encode(bag)), bag);
}

TEST(ValueCodec, PartsBySizeTogetherAreTheWhole) {
  auto bag = every_type();
  bag.set(mapi::PR_BODY, std::string(5'000, 'b'));
  const auto small = encode(bag, {.smallest = 0, .beyond = 2'048, .except = {}});
  const Selection big_ones{.smallest = 2'048, .except = {}};
  EXPECT_FALSE(decoded(small).get(mapi::PR_BODY));
  auto whole = decoded(small);
  decode_into(whole, encode(bag, big_ones));
  EXPECT_EQ(whole, bag);
}

TEST(ValueCodec, ExceptedPropertiesAreLeftOut) {
  PropertyBag bag;
  bag.set(mapi::PR_MESSAGE_FLAGS, 4);
  const std::array except{mapi::PR_MESSAGE_FLAGS.id};
  const Selection selection{.except = except};
  EXPECT_TRUE(nothing_selected(bag, selection));
  EXPECT_EQ(decoded(encode(bag, selection)), PropertyBag{});
}

TEST(ValueCodec, TruncatedAnywhereIsRefused) {
  const auto whole = encode(every_type());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(decoded(std::span(whole).first(size)), mapi::Failure) << size;
  }
}

TEST(ValueCodec, OctetsBehindTheEndAreRefused) {
  auto octets = encode(every_type());
  octets.push_back(std::byte{0});
  EXPECT_THROW(decoded(octets), mapi::Failure);
}

TEST(ValueCodec, AnotherVersionIsRefused) {
  auto octets = encode({});
  octets.front() = std::byte{2};
  EXPECT_THROW(decoded(octets), mapi::Failure);
}

TEST(ValueCodec, AClaimedLengthIsNotBelieved) {
  // One property, a list of 32-bit integers, of 2^56 - 1 elements that do not follow.
  std::vector<std::byte> octets{std::byte{1},    std::byte{1},    std::byte{0x01},
                                std::byte{0x66}, std::byte{0x03}, std::byte{0x10}};
  octets.insert(octets.end(), 7, std::byte{0xFF});
  octets.push_back(std::byte{0x7F});
  EXPECT_THROW(decoded(octets), mapi::Failure);
}

/// Two rows that have the same text in common.
struct TwoRows {
  PropertyBag first;
  PropertyBag second;
  std::vector<std::byte> octets;

  TwoRows() {
    first.set(mapi::PR_BODY, std::string(1'000, 'b'));
    first.set(mapi::PR_PRIORITY, 1);
    second = first;
    second.set(mapi::PR_SUBJECT, "second");
    second.set(mapi::PR_PRIORITY, 2);
    append_encoded(octets, first, {});
    append_encoded(octets, second, first);
  }
};

TEST(ValueCodec, BagsBehindEachOtherShareTheValuesThatTheyHaveInCommon) {
  const TwoRows rows;
  EXPECT_LT(rows.octets.size(), 1'100U);
  PropertyBag first;
  const auto rest = decode_first(first, rows.octets, {});
  EXPECT_EQ(first, rows.first);
  PropertyBag second;
  EXPECT_TRUE(decode_first(second, rest, first).empty());
  EXPECT_EQ(second, rows.second);
  EXPECT_EQ(second.get(mapi::PR_BODY)->data(), first.get(mapi::PR_BODY)->data());
}

TEST(ValueCodec, AValueThatTheBagBeforeDoesNotHaveIsRefused) {
  const TwoRows rows;
  PropertyBag first;
  const auto rest = decode_first(first, rows.octets, {});
  PropertyBag other;
  other.set(mapi::PR_SUBJECT, "another");
  for (const auto& before : {PropertyBag{}, other}) {
    PropertyBag second;
    EXPECT_THROW(decode_first(second, rest, before), mapi::Failure);
  }
}

TEST(ValueCodec, ABagInFrontOfOthersIsWholeOrRefused) {
  const TwoRows rows;
  PropertyBag alone;
  EXPECT_THROW(decode_into(alone, rows.octets), mapi::Failure);
  for (std::size_t size = 0; size < 20; ++size) {
    PropertyBag first;
    EXPECT_THROW(decode_first(first, std::span(rows.octets).first(size), {}), mapi::Failure);
  }
}

TEST(ValueCodec, ChangedOctetsNeverCrash) {
  const auto whole = encode(every_type());
  std::minstd_rand random(1);
  for (int round = 0; round < 1'000; ++round) {
    auto octets = whole;
    octets[random() % octets.size()] = static_cast<std::byte>(random() & 0xFF);
    try {
      (void)encode(decoded(octets));
    } catch (const mapi::Failure& failure) {
      EXPECT_EQ(failure.code(), mapi::MAPI_E_CORRUPT_STORE);
    }
  }
}

}  // namespace
}  // namespace postern::store
