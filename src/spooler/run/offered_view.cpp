#include "spooler/run/offered_view.h"

#include "mapi/property_tags.h"

namespace postern::spooler {

OfferedView::OfferedView(mapi::MessageHandle& stored, std::vector<std::size_t> offered)
    : stored_(stored), offered_(std::move(offered)), value_(stored.message()) {
  for (auto& row : value_.recipients) row.set(mapi::PR_RESPONSIBILITY, true);
  for (const auto index : offered_) {
    if (stored.message().recipients.at(index).get_or(mapi::PR_RESPONSIBILITY, false)) continue;
    value_.recipients[index].set(mapi::PR_RESPONSIBILITY, false);
  }
}

void OfferedView::save_changes() {
  auto& target = stored_.edit();
  if (value_.recipients.size() != target.recipients.size()) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "a transport may not add or remove recipients");
  }
  static_cast<mapi::PropertyBag&>(target) = value_;
  for (const auto index : offered_) {
    auto& row = target.recipients[index];
    const bool was_settled = row.get_or(mapi::PR_RESPONSIBILITY, false);
    row = value_.recipients[index];
    if (was_settled) row.set(mapi::PR_RESPONSIBILITY, true);
  }
  is_owed_ = true;
  stored_.save_changes();
  is_owed_ = false;
}

void OfferedView::submit_message() {
  throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                      "a transport may not submit the message it is offered");
}

}  // namespace postern::spooler
