#include "transport/message/deferred_delivery.h"

#include "mapi/property_tags.h"

namespace postern::transport {

std::optional<std::chrono::seconds> time_to_hold(const mapi::Message& message, mapi::FileTime now) {
  const auto time = message.get_or(mapi::PR_DEFERRED_DELIVERY_TIME, {});
  if (time.is_none() || time <= now) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(time.time_point() - now.time_point());
}

}  // namespace postern::transport
