// Records in an offered message what became of its recipients (mapi-submission.md §6).
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/outcome.h"
#include "mapi/recipient_outcome.h"
#include "mapi/transport.h"

namespace postern::transport {

/// For one message; used as its view is.
class RecipientRecord {
 public:
  /// `local_delivery_reports`: a delivery report is made also if the next hop has promised one.
  RecipientRecord(mapi::MessageHandle& view, mapi::SenderSupport& support,
                  bool local_delivery_reports = false)
      : view_(view), support_(support), local_delivery_reports_(local_delivery_reports) {}

  /// Into those of the rows that have no final outcome yet.
  void write(const std::vector<std::size_t>& rows, const Outcome& outcome);

  /// Reports what is final. The spooler saves what was written with an answer of S_OK.
  void report();
  /// The same, and saves what was written. If the store cannot take it now, the spooler saves it
  /// with the answer.
  void save();
  void save_final() {
    if (!final_rows_.empty()) save();
  }

 private:
  const mapi::OutcomeColumns& columns_of(const Outcome& outcome);

  mapi::MessageHandle& view_;
  mapi::SenderSupport& support_;
  bool local_delivery_reports_;
  std::vector<mapi::Recipient> final_rows_;  ///< written, and not reported yet
  /// What was written last: the recipients of a transaction mostly share one outcome.
  std::optional<std::pair<Outcome, mapi::OutcomeColumns>> last_;
};

}  // namespace postern::transport
