// The content of an RTF body: encapsulated HTML, encapsulated text, or the text and the HTML of
// true RTF (mapi-to-mime.md §§4.3, 4.4, [MS-OXRTFEX]).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/rtf/kind.h"

namespace postern::mime {

/// The HTML of an encapsulating RTF, UTF-8, with its own charset declaration as it was.
std::string html_from_rtf(std::string_view rtf);

/// The text of \fromtext RTF or of true RTF, UTF-8, lines ended by CRLF.
std::string text_from_rtf(std::string_view rtf);

/// What stands where true RTF has an \objattph.
struct RtfAttachment {
  std::string name;
  std::string url;  ///< of a picture that is shown; empty: the name is
};
struct RtfHtmlOptions {
  /// In the order in which the RTF places them.
  std::vector<RtfAttachment> attachments;
  /// A new content id, without angle brackets, for a picture of these octets.
  std::function<std::string(std::string_view octets)> content_id;
};

/// A picture that the HTML shows by its content id.
struct InlinePicture {
  std::string_view media_type;
  std::string octets;
  std::string content_id;
};
struct FormattedRtf {
  std::string html;  ///< UTF-8, without a charset declaration
  std::vector<InlinePicture> pictures;
  bool shows_something = false;  ///< text that is not blank, or a picture
  std::size_t pictures_lost = 0;
  std::size_t links_lost = 0;
};
/// The HTML of true RTF; nullopt if it would be out of proportion to the RTF.
std::optional<FormattedRtf> formatted_rtf(std::string_view rtf, const RtfHtmlOptions& options);

}  // namespace postern::mime
