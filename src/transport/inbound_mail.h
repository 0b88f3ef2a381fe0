// A mail as octets, as what a transport hands to the spooler: the report that it is, or the mail
// itself to be kept (mapi-submission.md §8.5).
//
// The mail is read in bounded memory and stays where it is, so it must be there until it is stored.
// Throws what reading it throws. From any thread.
#pragma once

#include <cstdint>

#include "mapi/content.h"
#include "mapi/file_time.h"
#include "mapi/inbound_message.h"

#pragma GCC visibility push(default)
namespace postern::transport {

/// In octets; no bounce needs to be longer, and what is longer should not be taken.
inline constexpr std::uint64_t longest_inbound_mail = std::uint64_t{64} << 20U;

/// Why a mail is kept as it is: "a report about no message of this store", for a sentence.
const char* why_kept(const mapi::ReturnedReport& returned);

/// `returned.message_id` is the mail's Message-ID, or one made of its octets.
mapi::InboundMessage read_inbound_mail(const mapi::Content& mail, mapi::FileTime now);

}  // namespace postern::transport
#pragma GCC visibility pop
