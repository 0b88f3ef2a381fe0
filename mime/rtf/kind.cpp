#include "mime/rtf/kind.h"

#include "mime/rtf/tokenizer.h"

namespace postern::mime {

RtfKind rtf_kind(std::string_view rtf) {
  if (!rtf.starts_with("{\\rtf1")) return RtfKind::invalid;
  RtfTokenizer tokens(rtf);
  for (int inspected = 0; inspected < 10;) {
    const auto token = tokens.next();
    if (!token) break;
    if (token->kind == RtfToken::Kind::group_start) ++inspected;
    if (token->kind != RtfToken::Kind::word) continue;
    ++inspected;
    if (token->text == "fromhtml" && token->parameter == 1) return RtfKind::encapsulated_html;
    if (token->text == "fromtext") return RtfKind::encapsulated_text;
  }
  return RtfKind::rtf;
}

}  // namespace postern::mime
