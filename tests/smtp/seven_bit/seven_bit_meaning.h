// What a message says to its reader, whatever the transfer encodings: for comparing a message with
// its 7-bit form. The decoders are the tests' own.
#pragma once

#include <string>

#include "smtp/envelope.h"

namespace postern::smtp::test {

/// The headers without the fields of MIME that may change, the delimiters, and the decoded content
/// of the leaves with CRLF at each line's end, in binary ones octet for octet. Of preambles and
/// epilogues, what cannot have been replaced.
std::string meaning(const OctetSource& source);

}  // namespace postern::smtp::test
