#include "spooler/course/deferral_list.h"

namespace postern::spooler {

void DeferralList::keep(const mapi::EntryId& entry, std::size_t transport) {
  const bool is_asked_for = early_.erase({entry, transport}) != 0;
  forget_early(entry);
  if (is_asked_for) {
    asked_.emplace_back(entry, transport);
  } else {
    kept_[entry] = transport;
  }
}

void DeferralList::forget_early(const mapi::EntryId& entry) {
  early_.erase(early_.lower_bound({entry, 0}), early_.upper_bound({entry, SIZE_MAX}));
}

bool DeferralList::ask(const mapi::EntryId& entry, std::size_t transport, bool is_running) {
  const auto found = kept_.find(entry);
  if (found != kept_.end() && found->second == transport) {
    asked_.emplace_back(entry, transport);
    kept_.erase(found);
    return true;
  }
  if (is_running) early_.emplace(entry, transport);
  return false;
}

std::optional<std::size_t> DeferralList::remove(const mapi::EntryId& entry) {
  const auto found = kept_.find(entry);
  if (found == kept_.end()) return std::nullopt;
  const auto transport = found->second;
  kept_.erase(found);
  return transport;
}

}  // namespace postern::spooler
