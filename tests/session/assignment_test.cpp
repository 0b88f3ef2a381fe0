// Which transport gets which recipient (mapi-submission.md §7).
#include "session/assignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr mapi::ProviderUid fax_uid{std::byte{0xFA}, std::byte{0x01}};

mapi::Registration by_type(std::vector<std::string> types) {
  mapi::Registration registration;
  registration.address_types = std::move(types);
  return registration;
}

mapi::Registration by_uid(const mapi::ProviderUid& uid) {
  mapi::Registration registration;
  registration.address_types = {""};
  registration.uids = {uid};
  return registration;
}

mapi::Recipient row(const std::string& type, const std::string& address) {
  mapi::Recipient recipient;
  recipient.set(mapi::PR_ADDRTYPE, type);
  recipient.set(mapi::PR_EMAIL_ADDRESS, address);
  return recipient;
}

mapi::Recipient with_uid(mapi::Recipient recipient, const mapi::ProviderUid& uid) {
  mapi::Binary entry_id(4);
  entry_id.insert(entry_id.end(), uid.begin(), uid.end());
  recipient.set(mapi::PR_ENTRYID, entry_id);
  return recipient;
}

TEST(TransportOrder, TypesAreComparedWithoutCaseAndInProfileOrder) {
  const TransportOrder order({by_type({"FAX"}), by_type({"smtp", "X400"}), by_type({"SMTP"})});
  EXPECT_THAT(order.candidates(row("SMTP", "a@x")), ElementsAre(1, 2));
  EXPECT_THAT(order.candidates(row("fax", "123")), ElementsAre(0));
  EXPECT_THAT(order.candidates(row("TELEX", "123")), IsEmpty());
  EXPECT_THAT(order.candidates(row("", "a@x")), IsEmpty());
}

TEST(TransportOrder, APersonalListGoesToNone) {
  const TransportOrder order({by_type({"MAPIPDL"}), mapi::Registration{}});
  EXPECT_THAT(order.candidates(row("mapipdl", "Friends")), IsEmpty());
}

TEST(TransportOrder, UidOfALowPriorityTransportBeatsTheTypeOfAHighOne) {
  const TransportOrder order({by_type({"FAX"}), by_uid(fax_uid)});
  EXPECT_THAT(order.candidates(with_uid(row("FAX", "123"), fax_uid)), ElementsAre(1, 0));
  EXPECT_THAT(order.candidates(row("FAX", "123")), ElementsAre(0)) << "it accepts nothing by type";
}

TEST(TransportOrder, WhoeverTakesAnyTypeAndPrefersToComeLastDoes) {
  mapi::Registration any;
  any.prefer_last = true;
  const TransportOrder order({any, by_type({"SMTP"})});
  EXPECT_THAT(order.candidates(row("SMTP", "a@x")), ElementsAre(1, 0));
  EXPECT_THAT(order.candidates(row("TELEX", "1")), ElementsAre(0));
}

TEST(TransportOrder, ExplicitOrderOverridesEverythingAndNamesAll) {
  mapi::Registration last = by_type({"SMTP"});
  last.prefer_last = true;
  const std::vector registrations{by_type({"SMTP"}), last, by_type({"SMTP"})};
  EXPECT_THAT(TransportOrder(registrations, {1, 2, 0}).candidates(row("SMTP", "a@x")),
              ElementsAre(1, 2, 0));
  const auto code = [&](const std::vector<std::size_t>& order) {
    try {
      const TransportOrder refused(registrations, order);
      return mapi::S_OK;
    } catch (const mapi::Failure& failure) {
      return failure.code();
    }
  };
  EXPECT_EQ(code({1, 0}), mapi::MAPI_E_BUSY);
  EXPECT_EQ(code({1, 0, 3}), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(code({1, 0, 1}), mapi::MAPI_E_NOT_FOUND);
}

TEST(TransportOrder, RowIsReachedByAnAddressPropertyAfterItsOwnType) {
  auto smtp = by_type({"SMTP"});
  smtp.address_properties = {mapi::PR_SMTP_ADDRESS};
  const TransportOrder order({smtp, by_type({"EX"})});
  auto exchange = row("EX", "/o=org/cn=a");
  EXPECT_THAT(order.candidates(exchange), ElementsAre(1));
  exchange.set(mapi::PR_SMTP_ADDRESS, "a@x");
  EXPECT_THAT(order.candidates(exchange), ElementsAre(1, 0));
}

TEST(Preprocessors, ConcernMessagesByTypeOrUidOrAllOfThem) {
  mapi::Message message;
  message.recipients = {with_uid(row("FAX", "123"), fax_uid), row("SMTP", "a@x")};
  EXPECT_TRUE(concerns({}, message));
  EXPECT_TRUE(concerns({{}, {"smtp"}, {}, {}}, message));
  EXPECT_TRUE(concerns({{fax_uid}, {"X400"}, {}, {}}, message)) << "either matches";
  EXPECT_FALSE(concerns({{}, {"X400"}, {}, {}}, message));
}

TEST(Untransportable, CodeDependsOnWhetherTheRowIsResolved) {
  const auto now = mapi::FileTime::now();
  auto good = row("SMTP", "a@x.example");
  settle_untransportable(good, now);
  EXPECT_EQ(good.get(mapi::PR_NDR_STATUS_CODE), 544) << "an address that nobody has taken";
  EXPECT_EQ(good.get(mapi::PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(good.get(mapi::PR_NDR_DIAG_CODE), -1);
  EXPECT_EQ(good.get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_THAT(mapi::outcome(good)->text, testing::HasSubstr("a@x.example"));
  mapi::Recipient nobody;
  settle_untransportable(nobody, now);
  EXPECT_EQ(nobody.get(mapi::PR_NDR_STATUS_CODE), 510);
  EXPECT_EQ(nobody.get(mapi::PR_NDR_DIAG_CODE), 0);
}

}  // namespace
}  // namespace postern::session
