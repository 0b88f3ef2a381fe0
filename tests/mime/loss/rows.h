// A row for each place that tells a loss: the message that takes the way there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"

namespace postern::mime {

struct LossRow {
  std::string_view source;  ///< as seen from the room
  mapi::LossKind kind;
  std::string_view part;
  std::string_view words;                  ///< in the sentence; no other row has them
  void (*change)(mapi::Message& message);  ///< of a simple message
  bool is_file = false;                    ///< it is converted, not sent
};

std::vector<LossRow> body_rows();
std::vector<LossRow> header_rows();
std::vector<LossRow> attachment_rows();
std::vector<LossRow> item_rows();

}  // namespace postern::mime
