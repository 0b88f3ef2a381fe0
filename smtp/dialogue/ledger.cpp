#include "smtp/dialogue/ledger.h"

#include <cstdlib>
#include <utility>

namespace postern::smtp {

void Ledger::settle(std::size_t recipient, Outcome outcome) {
  if (recipient >= outcomes_.size() || outcomes_[recipient]) std::abort();
  outcomes_[recipient] = std::move(outcome);
  --open_;
}

std::vector<std::size_t> Ledger::open_recipients() const {
  std::vector<std::size_t> indices;
  for (std::size_t index = 0; index < outcomes_.size(); ++index) {
    if (!outcomes_[index]) indices.push_back(index);
  }
  return indices;
}

std::vector<Outcome> Ledger::take() {
  if (open_ != 0) std::abort();
  std::vector<Outcome> all;
  all.reserve(outcomes_.size());
  for (auto& outcome : outcomes_) all.push_back(std::move(*outcome));
  return all;
}

}  // namespace postern::smtp
