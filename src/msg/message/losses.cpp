#include "msg/message/losses.h"

#include <string>
#include <utility>

namespace postern::msg {
namespace {

constexpr std::size_t most_losses = 100;

}  // namespace

void Losses::add(mapi::Loss loss) {
  if (losses_.size() < most_losses) {
    losses_.push_back(std::move(loss));
  } else {
    ++left_out_;
  }
}

void Losses::tell(mapi::LossKind kind, const std::string& where, const std::string& sentence) {
  constexpr std::size_t separator = 2;  // ": "
  auto part =
      where.empty() ? std::string(mapi::whole_message) : where.substr(0, where.size() - separator);
  add({kind, std::move(part), where + sentence});
}

std::vector<mapi::Loss> Losses::take() {
  if (left_out_ > 0) {
    losses_.push_back({mapi::LossKind::damaged, mapi::whole_message,
                       "and " + std::to_string(left_out_) + " more parts were damaged"});
  }
  return std::move(losses_);
}

}  // namespace postern::msg
