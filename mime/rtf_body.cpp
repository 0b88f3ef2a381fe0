#include "mime/rtf_body.h"

#include "mime/html.h"
#include "mime/rtf_reader.h"
#include "mime/rtf_text.h"
#include "mime/rtf_tokenizer.h"

namespace postern::mime {
namespace {

/// What encapsulates HTML or text is copied as it comes.
class EncapsulatedContent : public RtfSink {
 public:
  explicit EncapsulatedContent(bool is_html) : is_html_(is_html) {}

  void text(std::string_view text) override { content_ += text; }
  void character(std::string_view html, std::string_view text) override {
    content_ += is_html_ ? html : text;
  }
  void end_of_line() override { content_ += "\r\n"; }

  std::string take() { return std::move(content_); }

 private:
  bool is_html_;
  std::string content_;
};

template <class Sink>
std::string read(std::string_view rtf, RtfKind kind, Sink sink) {
  RtfReader(kind, sink).read(rtf);
  return sink.take();
}

}  // namespace

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

std::string html_from_rtf(std::string_view rtf) {
  return read(rtf, RtfKind::encapsulated_html, EncapsulatedContent(true));
}

std::string text_from_rtf(std::string_view rtf) {
  switch (rtf_kind(rtf)) {
    case RtfKind::encapsulated_html:
      return text_from_html(html_from_rtf(rtf));
    case RtfKind::encapsulated_text:
      return read(rtf, RtfKind::encapsulated_text, EncapsulatedContent(false));
    default:
      return read(rtf, RtfKind::rtf, RtfText());
  }
}

}  // namespace postern::mime
