#include "session/reported_rows.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::session {
namespace {

/// The message's rows by what a report may name them by.
class RowIndex {
 public:
  explicit RowIndex(std::vector<mapi::Recipient>& rows) {
    for (auto& row : rows) {
      if (const auto id = row.get(mapi::PR_ROWID)) by_id_.emplace(*id, &row);
      if (const auto* key = row.get(mapi::PR_SEARCH_KEY)) by_key_.emplace(*key, &row);
      by_address_.emplace(address(row), &row);
    }
  }
  [[nodiscard]] mapi::Recipient* find(const mapi::Recipient& reported) const {
    if (const auto id = reported.get(mapi::PR_ROWID)) return found(by_id_, *id);
    if (const auto* key = reported.get(mapi::PR_SEARCH_KEY)) {
      if (auto* row = found(by_key_, *key)) return row;
    }
    return found(by_address_, address(reported));
  }

 private:
  static std::string address(const mapi::Recipient& row) {
    return upper_case(row.get_or(mapi::PR_ADDRTYPE, "SMTP")) + ':' +
           std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
  }
  template <class Map>
  static mapi::Recipient* found(const Map& map, const typename Map::key_type& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
  }

  std::map<std::int32_t, mapi::Recipient*> by_id_;
  std::map<mapi::Binary, mapi::Recipient*> by_key_;
  std::map<std::string, mapi::Recipient*> by_address_;
};

void copy_report(mapi::Recipient& row, const mapi::Recipient& reported) {
  row.copy(mapi::PR_DELIVER_TIME, reported, mapi::PR_DELIVER_TIME);
  row.copy(mapi::PR_NDR_REASON_CODE, reported, mapi::PR_NDR_REASON_CODE);
  row.copy(mapi::PR_NDR_DIAG_CODE, reported, mapi::PR_NDR_DIAG_CODE);
  row.copy(mapi::PR_NDR_STATUS_CODE, reported, mapi::PR_NDR_STATUS_CODE);
  row.copy(mapi::PR_SUPPLEMENTARY_INFO, reported, mapi::PR_SUPPLEMENTARY_INFO);
  row.copy(mapi::PR_REPORT_TIME, reported, mapi::PR_REPORT_TIME);
}

bool merge(mapi::Message& message, const std::vector<mapi::Recipient>& reported,
           const std::function<void(mapi::Recipient&, const mapi::Recipient&)>& then) {
  if (reported.empty()) return false;
  const RowIndex index(message.recipients);
  bool changed = false;
  for (const auto& report : reported) {
    auto* row = index.find(report);
    if (row == nullptr || row->get(mapi::PR_REPORT_TIME)) continue;
    copy_report(*row, report);
    then(*row, report);
    changed = true;
  }
  return changed;
}

}  // namespace

bool merge_reported_rows(mapi::Message& message, const std::vector<mapi::Recipient>& reported) {
  return merge(message, reported, [](mapi::Recipient&, const mapi::Recipient&) {});
}

bool settle_reported_rows(mapi::Message& message, const std::vector<mapi::Recipient>& reported) {
  return merge(message, reported, [](mapi::Recipient& row, const mapi::Recipient& report) {
    if (const auto outcome = mapi::outcome(report)) mapi::set_outcome(row, *outcome);
    row.set(mapi::PR_RESPONSIBILITY, true);
  });
}

}  // namespace postern::session
