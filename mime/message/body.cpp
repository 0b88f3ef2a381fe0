#include "mime/message/body.h"

#include <utility>

#include "mapi/property_tags.h"
#include "mime/text/stored_html.h"
#include "mime/text/text_part.h"

namespace postern::mime {

Html stored_html(const mapi::Message& message, ComposeContext& context) {
  const auto* octets = message.get(mapi::PR_HTML);
  if (octets == nullptr) return {std::string(message.get_or(mapi::PR_BODY_HTML, ""))};
  auto decoded = decode_html({reinterpret_cast<const char*>(octets->data()), octets->size()},
                             message.get_or(mapi::PR_INTERNET_CPID, 0));
  if (!decoded.warning.empty()) context.warn(std::move(decoded.warning));
  return {std::move(decoded.text)};
}

std::unique_ptr<Entity> body_entity(const Body& body, ComposeContext& context) {
  auto html = body.html ? html_entity(body.html->text) : nullptr;
  if (html && !body.text) return html;
  auto text = text_entity("text/plain", body.text.value_or(""));
  if (!html) return text;
  auto alternative = Entity::multipart("multipart/alternative", make_boundary(context.options));
  alternative->add_part(std::move(text));
  alternative->add_part(std::move(html));
  return alternative;
}

}  // namespace postern::mime
