#include "session/reported_rows.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::session {
namespace {

std::string address(const mapi::Recipient& row) {
  return upper_case(row.get_or(mapi::PR_ADDRTYPE, "SMTP")) + ':' +
         std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
}

/// The first row of each key. Made when a key of its kind is first looked for: most rows are
/// reported by their id.
template <class Key>
class RowsByKey {
 public:
  /// `key_of` gives nullopt for a row without.
  template <class KeyOf>
  mapi::Recipient* find(std::vector<mapi::Recipient>& rows, const Key& key, const KeyOf& key_of) {
    if (!rows_) {
      rows_.emplace();
      for (auto& row : rows) {
        if (auto own = key_of(row)) rows_->emplace(std::move(*own), &row);
      }
    }
    const auto found = rows_->find(key);
    return found == rows_->end() ? nullptr : found->second;
  }

 private:
  std::optional<std::map<Key, mapi::Recipient*>> rows_;
};

/// The message's rows by what a report may name them by.
class RowIndex {
 public:
  explicit RowIndex(std::vector<mapi::Recipient>& rows) : rows_(rows) {}

  mapi::Recipient* find(const mapi::Recipient& reported) {
    if (const auto id = reported.get(mapi::PR_ROWID)) {
      if (auto* row = row_at(*id)) return row;
      return by_id_.find(rows_, *id, [](const auto& row) { return row.get(mapi::PR_ROWID); });
    }
    if (const auto* key = reported.get(mapi::PR_SEARCH_KEY)) {
      auto* row = by_search_key_.find(rows_, *key, [](const auto& each) {
        const auto* own = each.get(mapi::PR_SEARCH_KEY);
        return own == nullptr ? std::nullopt : std::optional(*own);
      });
      if (row != nullptr) return row;
    }
    return by_address_.find(rows_, address(reported),
                            [](const auto& row) { return std::optional(address(row)); });
  }

 private:
  /// Most rows lie where their ids say; none has the id of another.
  mapi::Recipient* row_at(std::int32_t id) {
    if (id < 0 || static_cast<std::size_t>(id) >= rows_.size()) return nullptr;
    auto& row = rows_[static_cast<std::size_t>(id)];
    return row.get(mapi::PR_ROWID) == id ? &row : nullptr;
  }

  std::vector<mapi::Recipient>& rows_;
  RowsByKey<std::int32_t> by_id_;
  RowsByKey<mapi::Binary> by_search_key_;
  RowsByKey<std::string> by_address_;
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
  RowIndex index(message.recipients);
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
