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

  /// The row that is meant: by the address that the sender gave, else by the final one; the first
  /// of several. A row that differs in case alone is meant where there is no other. Nullopt if
  /// there is none.
  [[nodiscard]] std::optional<std::size_t> find(const mapi::ReturnedRecipient& returned) const;

 private:
  std::unordered_map<std::string, std::size_t> exact_;  ///< by mapi::mailbox_key()
  std::unordered_map<std::string, std::size_t> by_lower_case_;
};

}  // namespace postern::session
