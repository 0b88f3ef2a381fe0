// A mail that comes through a pipe, which can be read once, as a content, which can be read as
// often as needed.
#pragma once

#include "base/octet_reader.h"
#include "mapi/content.h"

namespace postern::cli {

enum class MailEnd {
  of_input,
  lone_dot  ///< a line with a dot alone, or that of the input
};

/// The octets up to the end, in a file without a name, however many they are. Throws mapi::Failure
/// if there is no room for them, and what the reader throws.
mapi::Content collect_mail(OctetReader& reader, MailEnd end);
/// The same of standard input.
mapi::Content collect_standard_input(MailEnd end = MailEnd::of_input);

}  // namespace postern::cli
