// Composed messages under test: plain message objects, fixed options, and what a second parser and
// an independent look at the octets find in the result.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "mapi/message.h"
#include "mime/compose.h"

namespace postern::mime {

/// Options that give the same octets each time: 2025-07-09 12:34:56 UTC, counting "random" octets.
ComposeOptions fixed_options();

/// From "sender@example.com" to "to@example.com", subject "Subject", body "Text".
mapi::Message simple_message();

/// PR_HTML in UTF-8.
void set_html(mapi::Message& message, std::string_view html);

/// PR_RTF_COMPRESSED in its uncompressed form, MELA.
void set_rtf(mapi::Message& message, std::string_view rtf);

std::string composed(const mapi::Message& message);

/// The same as a file, to which nothing is added that the message does not say.
std::string file_of(const mapi::Message& message);

/// The rules every message on the wire obeys, looked at octet by octet: lines ended by CRLF and at
/// most 998 octets long, no NUL, headers of ASCII, and the size that was announced.
void expect_fit_for_the_wire(const Plan& plan);

/// What Python's email package (policy=default) reads:
/// {"headers": [[name, value]…], "type": …, "charset": …, "filename": …, "disposition": …,
///  "cid": …, "content": base64 of the decoded leaf, "parts": […]}; fails the test on any defect.
nlohmann::json parsed(const std::string& octets);

/// The value of a header in `parsed`; the test fails where there is not exactly one.
std::string header(const nlohmann::json& entity, std::string_view name);
bool has_header(const nlohmann::json& entity, std::string_view name);

/// The decoded content of a leaf in `parsed`.
std::string content(const nlohmann::json& entity);

/// One of the value's lines is the whole of `line`.
bool has_line(const std::string& octets, std::string_view line);

}  // namespace postern::mime
