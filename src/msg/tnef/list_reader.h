// The lists of MAPI properties in TNEF ([MS-OXTNEF] 2.1.3.4): attMsgProps, attAttachment, and each
// row of attRecipTable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "mapi/property_bag.h"
#include "msg/message/losses.h"
#include "msg/property/raw_texts.h"
#include "msg/tnef/cursor.h"

namespace postern::msg {

/// How much a stream may still give: what little octets can claim costs memory.
class Allowance {
 public:
  /// Throws TooComplex after 1,000,000 values and rows in all.
  void spend();

 private:
  std::uint32_t left_ = 1'000'000;
};

struct PropertyListReader {
  Cursor& cursor;
  Allowance& allowance;
  Losses& losses;

  /// Called for PR_ATTACH_DATA_OBJ and PR_ATTACH_DATA_BIN, whose octets are the cursor's region.
  using ReadData = std::function<void(std::uint16_t type)>;

  /// Reads a list into the bag; `raw` is told what is to be decoded yet. Throws FormatError where
  /// nothing tells how to go on; what was read until then is in the bag.
  void read(mapi::PropertyBag& bag, RawTexts& raw, const std::string& where,
            const ReadData& read_data = {});
};

}  // namespace postern::msg
