// The HTML of true RTF (mapi-to-mime.md §4.4): paragraphs, runs of text in their format, links,
// tables, pictures and the places of attachments. Everything is escaped; only links of harmless
// schemes stay links.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/rtf/body.h"
#include "mime/rtf/html_flow.h"
#include "mime/rtf/html_style.h"
#include "mime/rtf/reader.h"

namespace postern::mime {

class RtfHtml : public RtfSink {
 public:
  /// HTML of more than `limit` octets is given up.
  RtfHtml(const RtfHtmlOptions& options, std::size_t limit) : options_(options), limit_(limit) {}

  void text(std::string_view text) override;
  void character(std::string_view html, std::string_view text) override;
  void end_of_line() override;
  void end_of_paragraph() override;
  void format(const RtfFormat& format, const RtfTables& tables) override;
  void paragraph(const RtfParagraph& paragraph) override { paragraph_ = paragraph; }
  void end_of_cell(RtfTable table) override;
  void end_of_row(RtfTable table) override;
  void start_row() override { flow_.set_border(false); }
  void cell_border() override { flow_.set_border(true); }
  void picture(const RtfPicture& picture) override;
  void attachment() override;
  void start_field() override;
  void field_instruction(std::string_view text) override;
  void start_field_result() override;
  void end_field() override;

  /// nullopt if the HTML was given up.
  std::optional<FormattedRtf> take();

 private:
  static constexpr std::size_t no_link = static_cast<std::size_t>(-1);
  struct Field {
    std::string instruction;
    std::string link_tag;        // of what its own result links to
    std::size_t link = no_link;  // the field whose link counts: links cannot be nested
  };

  [[nodiscard]] bool is_given_up() const {
    return gave_up_ || flow_.size() + inline_.size() > limit_;
  }
  [[nodiscard]] std::size_t depth() const;
  [[nodiscard]] std::size_t depth(RtfTable table) const;
  void show(std::string_view html);
  void write(char c);
  void open_run();
  void close_run();
  void close_link();
  void end_block(std::size_t depth);

  const RtfHtmlOptions& options_;
  std::size_t limit_;
  bool gave_up_ = false;
  FormattedRtf result_;
  HtmlFlow flow_;
  const RtfTables* tables_ = nullptr;
  std::optional<RtfFormat> base_;  // that of the first run, which is the document's
  RtfFormat format_;
  RtfParagraph paragraph_;
  std::string inline_;  // of the current paragraph
  bool after_blank_ = true;
  bool is_run_open_ = false;
  RtfFormat run_format_;
  std::string run_closing_;
  std::vector<Field> fields_;
  std::size_t open_link_ = no_link;  // the field
  std::size_t attachments_placed_ = 0;
};

}  // namespace postern::mime
