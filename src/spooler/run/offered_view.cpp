#include "spooler/run/offered_view.h"

#include "mapi/property_tags.h"
#include "session/merge.h"

namespace postern::spooler {

OfferedView::OfferedView(mapi::MessageHandle& stored, std::vector<std::size_t> offered)
    : stored_(stored), offered_(std::move(offered)), value_(stored.message()) {
  std::vector<bool> is_offered(value_.recipients.size());
  for (const auto index : offered_) is_offered.at(index) = true;
  for (std::size_t i = 0; i < is_offered.size(); ++i) {
    auto& row = value_.recipients[i];
    if (is_offered[i]) {
      if (!row.get(mapi::PR_RESPONSIBILITY)) row.set(mapi::PR_RESPONSIBILITY, false);
    } else if (!row.get_or(mapi::PR_RESPONSIBILITY, false)) {
      row.set(mapi::PR_RESPONSIBILITY, true);
    }
  }
  last_ = value_;
}

void OfferedView::take_over_changes() {
  auto& target = stored_.edit();
  if (value_.recipients.size() != target.recipients.size()) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "a transport may not add or remove recipients");
  }
  session::merge_properties(last_, value_, target);
  for (const auto index : offered_) {
    auto& row = target.recipients[index];
    if (last_.recipients.at(index) == value_.recipients[index]) continue;
    const bool was_settled = row.get_or(mapi::PR_RESPONSIBILITY, false);
    session::merge_properties(last_.recipients.at(index), value_.recipients[index], row);
    if (was_settled && !row.get_or(mapi::PR_RESPONSIBILITY, false)) {
      row.set(mapi::PR_RESPONSIBILITY, true);
    }
  }
  last_ = value_;
}

void OfferedView::save_changes() {
  take_over_changes();
  is_owed_ = true;
  stored_.save_changes();
  is_owed_ = false;
}

void OfferedView::submit_message() {
  throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                      "a transport may not submit the message it is offered");
}

}  // namespace postern::spooler
