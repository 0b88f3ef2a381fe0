#include "msg/message/losses.h"

#include <string>
#include <utility>

namespace postern::msg {

void Losses::tell(mapi::LossKind kind, const std::string& where, const std::string& sentence) {
  constexpr std::size_t separator = 2;  // ": "
  auto part =
      where.empty() ? std::string(mapi::whole_message) : where.substr(0, where.size() - separator);
  add({kind, std::move(part), where + sentence});
}

std::vector<mapi::Loss> Losses::take() {
  return losses_.take(mapi::LossKind::damaged, "more parts were damaged");
}

}  // namespace postern::msg
