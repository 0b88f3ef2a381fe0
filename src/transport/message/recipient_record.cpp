#include "transport/message/recipient_record.h"

#include <utility>

#include "mapi/property_tags.h"

namespace postern::transport {

void RecipientRecord::write(const std::vector<std::size_t>& rows, const Outcome& outcome) {
  Outcome written = outcome;
  if (local_delivery_reports_) written.next_hop_reports = false;
  const auto& columns = columns_of(written);
  auto& message = view_.edit();
  for (const auto index : rows) {
    auto& row = message.recipients.at(index);
    if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;
    columns.write(row);
    if (is_final(outcome.verdict)) {
      row.set(mapi::PR_RESPONSIBILITY, true);
      final_rows_.push_back(row);
    }
  }
}

const mapi::OutcomeColumns& RecipientRecord::columns_of(const Outcome& outcome) {
  if (!last_ || last_->first != outcome) last_.emplace(outcome, mapi::OutcomeColumns(outcome));
  return last_->second;
}

void RecipientRecord::report() {
  view_.edit().set(mapi::PR_PROVIDER_SUBMIT_TIME, mapi::FileTime::now());
  if (!final_rows_.empty()) support_.status_recips(std::exchange(final_rows_, {}));
}

void RecipientRecord::save() {
  report();
  try {
    view_.save_changes();
  } catch (const mapi::Failure& failure) {
    if (!mapi::is_passing(failure.code())) throw;
  }
}

}  // namespace postern::transport
