// Which attachments the HTML body means, and the content ids of all (mapi-to-mime.md §§6.2, 6.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"

namespace postern::mime {

/// What an attachment is to the HTML.
struct InlineUse {
  std::string content_id;  ///< without `<>`; empty: none
  bool is_inline = false;  ///< the HTML shows it, so it belongs to multipart/related
};

struct ContentIds {
  std::vector<InlineUse> uses;  ///< of each attachment, in their order
  /// The same HTML, but that what means an attachment is `cid:` and the attachment's content id,
  /// and that no other `cid:` is left.
  std::string html;
  std::vector<mapi::Loss> losses;
};

/// Decides what each reference of the HTML means, and gives each part that is meant an id: the one
/// it has if that is legal and no other part's, else a new one at `domain`, the same each time.
/// `html` is empty if no HTML is sent; `others` are the ids of parts that are no attachments.
ContentIds content_ids(const mapi::Message& message, std::string_view html, std::string_view domain,
                       const std::vector<std::string>& others = {});

/// The stored content id without `<>` and what else writers put around it; nullopt if it is no
/// addr-spec of at most 200 characters (RFC 2392).
std::optional<std::string> legal_content_id(std::string_view stored);

}  // namespace postern::mime
