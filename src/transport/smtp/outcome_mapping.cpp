#include "transport/smtp/outcome_mapping.h"

#include <algorithm>

namespace postern::transport {
namespace {

mapi::Verdict to_mapi(smtp::Verdict verdict) {
  switch (verdict) {
    case smtp::Verdict::delivered:
      return mapi::Verdict::delivered;
    case smtp::Verdict::failed:
      return mapi::Verdict::failed;
    case smtp::Verdict::retry:
      return mapi::Verdict::retry;
    case smtp::Verdict::unknown:
      break;
  }
  return mapi::Verdict::unknown;
}

/// No whole reply was the cause: the link could not be made or was lost.
bool is_network_trouble(const smtp::Outcome& outcome) {
  return outcome.code == 0;
}

}  // namespace

mapi::Outcome to_mapi(const smtp::Outcome& outcome) {
  return {.verdict = to_mapi(outcome.verdict),
          .stage = std::string(smtp::name(outcome.stage)),
          .code = outcome.code,
          .status = {outcome.status.status_class, outcome.status.subject, outcome.status.detail},
          .text = outcome.text,
          .host = outcome.host,
          .time = outcome.time,
          .next_hop_reports = outcome.next_hop_reports};
}

mapi::Code code_without_progress(const smtp::Delivery& delivery) {
  const bool network =
      delivery.route_fault
          ? is_network_trouble(delivery.route_fault->outcome)
          : std::any_of(delivery.recipients.begin(), delivery.recipients.end(), is_network_trouble);
  return network ? mapi::MAPI_E_NETWORK_ERROR : mapi::MAPI_E_WAIT;
}

}  // namespace postern::transport
