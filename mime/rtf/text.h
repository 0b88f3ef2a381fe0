// The readable text of true RTF (mapi-to-mime.md §4.4): paragraphs and table rows as lines, cells
// set apart by tabs, hyperlinks with their target in <> if it is not their text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mime/rtf/reader.h"

namespace postern::mime {

class RtfText : public RtfSink {
 public:
  void text(std::string_view text) override;
  void character(std::string_view html, std::string_view text) override;
  void end_of_line() override;
  void end_of_cell(RtfTable table) override;
  void end_of_row(RtfTable table) override;
  void start_field() override;
  void field_instruction(std::string_view text) override;
  void start_field_result() override;
  void end_field() override;

  std::string take() { return std::move(text_); }

 private:
  struct Field {
    std::string instruction;
    std::size_t result_start;
  };

  std::string text_;
  std::size_t cells_ended_ = 0;  // shown as tabs once something follows in the row
  std::vector<Field> fields_;
};

}  // namespace postern::mime
