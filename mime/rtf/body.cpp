#include "mime/rtf/body.h"

#include <algorithm>

#include "mime/html/html.h"
#include "mime/rtf/html.h"
#include "mime/rtf/reader.h"
#include "mime/rtf/text.h"

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

std::optional<FormattedRtf> formatted_rtf(std::string_view rtf, const RtfHtmlOptions& options) {
  constexpr std::size_t enough_for_small_ones = 1U << 20U;
  constexpr std::size_t most = 64U << 20U;
  constexpr std::size_t proportion = 16;
  RtfHtml html(options, std::clamp(proportion * rtf.size(), enough_for_small_ones, most));
  RtfReader reader(RtfKind::rtf, html);
  reader.read(rtf);
  return html.take();
}

}  // namespace postern::mime
