// What the transport answers when no recipient of a message advanced.
#include "transport/smtp/submit_result.h"

#include <gtest/gtest.h>

namespace postern::transport {
namespace {

/// A delivery that failed: these reply codes are its recipients', 0 where no reply was
/// the cause.
smtp::Delivery nothing_delivered(const std::vector<int>& codes) {
  smtp::Delivery delivery;
  for (const int code : codes) {
    delivery.recipients.emplace_back();
    delivery.recipients.back().verdict = Verdict::retry;
    delivery.recipients.back().code = code;
  }
  return delivery;
}

smtp::Delivery with_route_fault(smtp::Delivery delivery, int code) {
  delivery.route_fault.emplace();
  delivery.route_fault->outcome.code = code;
  return delivery;
}

TEST(SubmitResult, IsANetworkErrorWhereOneRecipientMissedItsReply) {
  EXPECT_EQ(submit_result(nothing_delivered({451, 450})).code, mapi::MAPI_E_WAIT);
  EXPECT_EQ(submit_result(nothing_delivered({451, 0})).code, mapi::MAPI_E_NETWORK_ERROR);
}

TEST(SubmitResult, FollowsTheFaultOfTheRouteWhateverTheRecipientsHeard) {
  EXPECT_EQ(submit_result(with_route_fault(nothing_delivered({0, 0}), 421)).code,
            mapi::MAPI_E_WAIT);
  EXPECT_EQ(submit_result(with_route_fault(nothing_delivered({451, 450}), 0)).code,
            mapi::MAPI_E_NETWORK_ERROR);
}

}  // namespace
}  // namespace postern::transport
