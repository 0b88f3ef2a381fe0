// The outcomes of an envelope's recipients: exactly one for each.
//
// Losing an outcome or giving a recipient two is a programming error that would silently lose or
// duplicate mail, so it stops the program (smtp-transactions.md §1).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/outcome.h"
#include "smtp/client.h"

namespace postern::smtp {

class RecipientOutcomes {
 public:
  explicit RecipientOutcomes(std::size_t recipients) : outcomes_(recipients), open_(recipients) {}

  /// Aborts the program if the recipient has an outcome already.
  void settle(std::size_t recipient, Outcome outcome);
  [[nodiscard]] bool settled(std::size_t recipient) const {
    return outcomes_.at(recipient).has_value();
  }
  [[nodiscard]] std::size_t open() const { return open_; }
  /// The indices without an outcome, in order.
  [[nodiscard]] std::vector<std::size_t> open_recipients() const;
  /// Those that were given an outcome since this was asked last.
  std::vector<SettledRecipient> news();
  /// All outcomes, in order. Aborts the program if one is missing.
  std::vector<Outcome> take();

 private:
  std::vector<std::optional<Outcome>> outcomes_;
  std::size_t open_;
  std::vector<std::size_t> news_;
};

}  // namespace postern::smtp
