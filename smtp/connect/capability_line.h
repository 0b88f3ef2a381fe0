// Makes a line of an EHLO reply readable for libcurl.
//
// libcurl 7.88 knows the keywords STARTTLS and AUTH, and the mechanisms behind the latter, in upper
// case and with blanks between them only; RFC 5321 §2.4 makes case meaningless, and servers before
// RFC 2554 said "AUTH=LOGIN". A server's line is rewritten in libcurl's own buffer, which it hands
// to its header function before it reads it itself; should another version read first, STARTTLS or
// AUTH are taken for not offered, and the session ends with that fault.
#pragma once

#include <span>

namespace postern::smtp {

/// `line`: "250-auth=login plain\r\n"; becomes "250-AUTH LOGIN PLAIN\r\n".
void normalise_capability_line(std::span<char> line);

}  // namespace postern::smtp
