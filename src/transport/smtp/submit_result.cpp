#include "transport/smtp/submit_result.h"

#include <algorithm>

namespace postern::transport {
namespace {

using std::chrono::seconds;

bool is_settled(const Outcome& outcome) {
  return is_final(outcome.verdict);
}

/// No whole reply was the cause: the link could not be made or was lost.
bool is_network_trouble(const Outcome& outcome) {
  return outcome.code == 0;
}

mapi::Code code_of(const smtp::Delivery& delivery) {
  const auto& outcomes = delivery.recipients;
  if (std::any_of(outcomes.begin(), outcomes.end(), is_settled)) return mapi::S_OK;
  const bool network = delivery.route_fault
                           ? is_network_trouble(delivery.route_fault->outcome)
                           : std::any_of(outcomes.begin(), outcomes.end(), is_network_trouble);
  return network ? mapi::MAPI_E_NETWORK_ERROR : mapi::MAPI_E_WAIT;
}

seconds retry_after(const smtp::Delivery& delivery) {
  const auto& fault = delivery.route_fault;
  if (!fault || (was_tried(delivery) && !fault->configuration)) return seconds{0};
  return std::max(std::chrono::ceil<seconds>(fault->retry_after), seconds{1});
}

}  // namespace

bool was_tried(const smtp::Delivery& delivery) {
  return std::any_of(delivery.recipients.begin(), delivery.recipients.end(),
                     [](const Outcome& outcome) { return outcome.attempted; });
}

mapi::SubmitResult submit_result(const smtp::Delivery& delivery) {
  return {code_of(delivery), retry_after(delivery)};
}

}  // namespace postern::transport
