#include "transport/inbound/mail_queue.h"

#include <algorithm>
#include <utility>

namespace postern::transport {

void MailQueue::refill(std::vector<std::string> present) {
  std::sort(present.begin(), present.end());
  std::erase_if(aside_, [&present](const auto& mail) {
    return !std::binary_search(present.begin(), present.end(), mail);
  });
  std::erase_if(present, [this](const auto& mail) { return aside_.contains(mail); });
  next_.assign(present.begin(), present.end());
}

std::optional<std::string> MailQueue::take() {
  if (next_.empty()) return std::nullopt;
  std::string mail = std::move(next_.front());
  next_.pop_front();
  return mail;
}

}  // namespace postern::transport
