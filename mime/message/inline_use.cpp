// Which attachments the HTML body shows (mapi-to-mime.md §6.3).
#include <map>
#include <set>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/html/html.h"
#include "mime/message/attachment_part.h"

namespace postern::mime {
namespace {

/// A content id for comparison: percent-decoded, without case, without `<>`.
std::string comparable_id(std::string_view id) {
  id = trim(id);
  if (id.starts_with('<')) id.remove_prefix(1);
  if (id.ends_with('>')) id.remove_suffix(1);
  return lower_case(percent_decoded(id));
}

struct HtmlReferences {
  std::set<std::string> content_ids;              ///< comparable
  std::set<std::string> locations;                ///< as written
  std::map<std::string, std::string> file_names;  ///< percent-decoded, lower case; as written
};

HtmlReferences collect(const std::string& html) {
  constexpr std::string_view scheme = "cid:";
  HtmlReferences found;
  for (const auto& reference : references(html)) {
    const std::string_view text = trim(reference);
    if (text.size() > scheme.size() &&
        equals_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      found.content_ids.insert(comparable_id(text.substr(scheme.size())));
    } else if (!text.empty()) {
      found.locations.emplace(text);
      if (text.find_first_of(":/\\#?") == std::string_view::npos) {
        found.file_names.emplace(lower_case(percent_decoded(text)), text);
      }
    }
  }
  return found;
}

std::optional<InlineUse> use_of(const mapi::Attachment& attachment, const HtmlReferences& html) {
  if (mapi::attach_method(attachment) != mapi::AttachMethod::by_value) return std::nullopt;
  const auto id = comparable_id(attachment.get_or(mapi::PR_ATTACH_CONTENT_ID, ""));
  if (!id.empty() && html.content_ids.contains(id)) return InlineUse{};
  const std::string location(trim(attachment.get_or(mapi::PR_ATTACH_CONTENT_LOCATION, "")));
  if (!location.empty() && html.locations.contains(location)) return InlineUse{location};
  for (const auto tag : {mapi::PR_ATTACH_LONG_FILENAME, mapi::PR_ATTACH_FILENAME}) {
    const auto found = html.file_names.find(lower_case(attachment.get_or(tag, "")));
    if (found != html.file_names.end()) return InlineUse{found->second};
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::optional<InlineUse>> inline_uses(const mapi::Message& message,
                                                  const std::string* html) {
  std::vector<std::optional<InlineUse>> uses(message.attachments.size());
  if (html == nullptr || uses.empty()) return uses;
  const auto found = collect(*html);
  for (std::size_t i = 0; i < uses.size(); ++i) uses[i] = use_of(message.attachments[i], found);
  return uses;
}

}  // namespace postern::mime
