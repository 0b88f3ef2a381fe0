// Which report a mail is, as the class of an object (mapi-to-mime.md §7.1).
#pragma once

#include <optional>
#include <string>

#include "mapi/content.h"
#include "mime/parse/mail_part.h"

namespace postern::mime {

/// Nullopt: it is no report, or one that no class stands for.
std::optional<std::string> report_class(const MailPart& part, const mapi::Content& mail);

}  // namespace postern::mime
