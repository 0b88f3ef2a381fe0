#include "session/list_expansion.h"

#include <set>
#include <string>
#include <utility>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "session/recipient_identity.h"

namespace postern::session {
namespace {

/// How a row came to be among the recipients.
struct Membership {
  const mapi::Recipient& list;    ///< whose member it is
  const mapi::Recipient& origin;  ///< the outermost list, which the sender wrote
  int depth;
};

std::string quoted_name(const mapi::Recipient& list) {
  return "'" + std::string(list.get_or(mapi::PR_DISPLAY_NAME, "without a name")) + "'";
}

void inherit(mapi::Recipient& row, const Membership& membership) {
  const auto& [list, origin, depth] = membership;
  row.copy(mapi::PR_RECIPIENT_TYPE, list, mapi::PR_RECIPIENT_TYPE);
  row.copy(mapi::PR_RESPONSIBILITY, list, mapi::PR_RESPONSIBILITY);
  for (const auto request : {mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED,
                             mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED}) {
    if (!row.get(request)) row.copy(request, list, request);
  }
  row.copy(mapi::PR_ORIGINAL_DISPLAY_NAME, origin, mapi::PR_DISPLAY_NAME);
  row.copy(mapi::PR_ORIGINAL_ENTRYID, origin, mapi::PR_ENTRYID);
  row.copy(mapi::PR_ORIGINAL_SEARCH_KEY, origin, mapi::PR_SEARCH_KEY);
}

class ListExpansion {
 public:
  ListExpansion(const RecipientResolver& resolver, const ExpansionBounds& bounds)
      : resolver_(resolver), bounds_(bounds) {}

  void add(mapi::Recipient row, const Membership* membership = nullptr) {
    if (membership != nullptr) inherit(row, *membership);
    if (is_personal_list(row)) {
      add_list(std::move(row), membership);
    } else {
      add_row(std::move(row));
    }
  }
  std::vector<mapi::Recipient> take_rows() { return std::move(rows_); }

 private:
  void add_list(mapi::Recipient list, const Membership* membership) {
    const Membership members{list, membership == nullptr ? list : membership->origin,
                             membership == nullptr ? 1 : membership->depth + 1};
    if (members.depth > bounds_.depth) {
      throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX, "the distribution list " +
                                                        quoted_name(members.origin) +
                                                        " has lists within lists, more than " +
                                                        std::to_string(bounds_.depth) +
                                                        " deep; address the inner ones themselves");
    }
    const auto type = list.get_or(mapi::PR_RECIPIENT_TYPE, 0);
    const bool is_new = seen_.emplace(identity(list), type).second;
    if (!is_new) return;  // its members are among the rows already
    const auto rows_before = rows_.size();
    if (auto found = resolver_ ? resolver_(list) : std::nullopt) {
      for (auto& member : *found) add(std::move(member), &members);
    }
    if (rows_.size() == rows_before) add_row(std::move(list));
  }

  void add_row(mapi::Recipient row) {
    if (rows_.size() == bounds_.recipients) {
      throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                          "with the members of its distribution lists the message has more than " +
                              std::to_string(bounds_.recipients) +
                              " recipients; send it to fewer at a time");
    }
    rows_.push_back(std::move(row));
  }

  const RecipientResolver& resolver_;
  const ExpansionBounds& bounds_;
  std::vector<mapi::Recipient> rows_;
  std::set<std::pair<mapi::Binary, std::int32_t>> seen_;
};

}  // namespace

std::vector<mapi::Recipient> expand_lists(std::vector<mapi::Recipient> rows,
                                          const RecipientResolver& resolver,
                                          const ExpansionBounds& bounds) {
  ListExpansion expansion(resolver, bounds);
  for (auto& row : rows) expansion.add(std::move(row));
  return expansion.take_rows();
}

}  // namespace postern::session
