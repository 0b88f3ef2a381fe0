// A message that a transport has brought in (IXPLogon::StartMessage, mapi-submission.md §8.5).
#pragma once

#include "mapi/message.h"
#include "mapi/returned_report.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

struct InboundMessage {
  /// As it is kept, unless it is a report about a message of the store.
  Message message;
  /// What it says of a message that was sent; its `message_id` tells one mail from another, so that
  /// a mail that comes again is not stored again. Empty: each is stored.
  ReturnedReport returned{};
};

}  // namespace postern::mapi
#pragma GCC visibility pop
