// Bounces for people only, in the two forms that can be told for certain: qmail's QSBMF
// (https://cr.yp.to/proto/qsbmf.txt), and those whose header names X-Failed-Recipients, as Exim's
// and older ones of Gmail do.
#pragma once

#include <cstddef>
#include <string_view>

#include "mapi/returned_report.h"
#include "mime/header/header_block.h"

namespace postern::mime {

/// As much of the text as is looked at.
inline constexpr std::size_t longest_bounce_text = std::size_t{64} << 10U;

/// Adds the failed recipients to the report and makes it one of delivery, if the mail with this
/// header and text is such a bounce.
void read_bounce_text(const HeaderBlock& header, std::string_view text,
                      mapi::ReturnedReport& report);

}  // namespace postern::mime
