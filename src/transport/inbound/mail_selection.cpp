#include "transport/inbound/mail_selection.h"

#include <algorithm>
#include <utility>

namespace postern::transport {

/// What is gone may come again under its name.
std::optional<std::string> MailSelection::take(const std::vector<std::string>& present) {
  if (taken_) aside_.insert(*std::exchange(taken_, std::nullopt));
  std::erase_if(
      aside_, [&](const auto& mail) { return std::ranges::find(present, mail) == present.end(); });
  for (const auto& mail : present) {
    if (aside_.contains(mail)) continue;
    if (!taken_ || mail < *taken_) taken_ = mail;
  }
  return taken_;
}

std::optional<std::string> MailSelection::stored() {
  return std::exchange(taken_, std::nullopt);
}

bool MailSelection::has_next(const std::vector<std::string>& present) const {
  return std::ranges::any_of(
      present, [this](const auto& mail) { return mail != taken_ && !aside_.contains(mail); });
}

}  // namespace postern::transport
