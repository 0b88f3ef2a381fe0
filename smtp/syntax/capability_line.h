// Makes a line of an EHLO reply readable for libcurl.
//
// libcurl 7.88 recognises the keywords STARTTLS and AUTH, and the mechanisms after the latter, only
// in upper case and with blanks between them; RFC 5321 §2.4 ignores case, and servers before
// RFC 2554 said "AUTH=LOGIN". The line is rewritten in libcurl's own buffer, which libcurl passes
// to its header function before it parses it; should another version parse first, STARTTLS or AUTH
// seem not to be offered, and the session ends with that fault.
#pragma once

#include <span>

namespace postern::smtp {

/// `line`: "250-auth=login plain\r\n"; becomes "250-AUTH LOGIN PLAIN\r\n".
void normalise_capability_line(std::span<char> line);

}  // namespace postern::smtp
