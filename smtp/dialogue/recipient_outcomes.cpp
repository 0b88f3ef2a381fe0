#include "smtp/dialogue/recipient_outcomes.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace postern::smtp {
namespace {

/// Prints why before the program ends, because there may be no core file to look at.
void demand(bool holds, const char* fault) {
  if (holds) return;
  std::fprintf(stderr, "postern: %s\n", fault);
  std::abort();
}

}  // namespace

void RecipientOutcomes::settle(std::size_t recipient, Outcome outcome) {
  demand(recipient < outcomes_.size(), "an outcome was given to no recipient");
  demand(!outcomes_[recipient], "a recipient was given a second outcome");
  outcomes_[recipient] = std::move(outcome);
  --open_;
  news_.push_back(recipient);
}

std::vector<SettledRecipient> RecipientOutcomes::news() {
  std::vector<SettledRecipient> all;
  all.reserve(news_.size());
  for (const auto recipient : news_) all.push_back({recipient, *outcomes_[recipient]});
  news_.clear();
  return all;
}

std::vector<std::size_t> RecipientOutcomes::open_recipients() const {
  std::vector<std::size_t> indices;
  for (std::size_t index = 0; index < outcomes_.size(); ++index) {
    if (!outcomes_[index]) indices.push_back(index);
  }
  return indices;
}

std::vector<Outcome> RecipientOutcomes::take() {
  demand(open_ == 0, "a recipient was left without an outcome");
  std::vector<Outcome> all;
  all.reserve(outcomes_.size());
  for (auto& outcome : outcomes_) all.push_back(std::move(*outcome));
  return all;
}

}  // namespace postern::smtp
