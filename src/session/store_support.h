// What MAPI offers to message stores: PrepareSubmit, ExpandRecips, DoSentMail
// (mapi-submission.md §§3.2, 3.7, 10). It has no state and may be used from any threads.
#pragma once

#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// The DefaultStoreSupport of this spooler.
class DefaultStoreSupport final : public mapi::StoreSupport {
 public:
  void prepare_submit(mapi::Message& message) override;

  /// Fills in missing address properties from one-off entry ids; of rows with the same address
  /// keeps the most public one (To before Cc before Bcc; P1 rows are compared among themselves,
  /// since a resend has both on purpose). Keeps rows that cannot be resolved: they end in a report.
  ExpandResult expand_recips(mapi::Message& message) override;

  SentMail do_sent_mail(const mapi::Message& message) override;
};

}  // namespace postern::session
#pragma GCC visibility pop
