// The recipients of a message by their addresses, for reports that name many.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "mapi/message.h"
#include "mapi/returned_report.h"

namespace postern::session {

class RecipientIndex {
 public:
  explicit RecipientIndex(const mapi::Message& message);

  /// The row that is meant: by the address that the sender gave, else by the final one, both
  /// compared without case; the first of several. Nullopt if there is none.
  [[nodiscard]] std::optional<std::size_t> find(const mapi::ReturnedRecipient& returned) const;

 private:
  std::unordered_map<std::string, std::size_t> rows_;  ///< by the address in lower case
};

}  // namespace postern::session
