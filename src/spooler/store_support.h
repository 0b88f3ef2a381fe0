// What MAPI offers to message stores: PrepareSubmit, ExpandRecips, DoSentMail
// (mapi-submission.md §§3.2, 3.7, 10).
#pragma once

#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

class DefaultStoreSupport final : public mapi::StoreSupport {
 public:
  void prepare_submit(mapi::Message& message) override;

  /// One-off entry ids fill in missing address properties; of rows with the same address the most
  /// public one stays (To before Cc before Bcc; P1 rows are a class of their own, since a resend
  /// has both on purpose). Rows that cannot be resolved are kept: they end in a report.
  ExpandResult expand_recips(mapi::Message& message) override;

  SentMail do_sent_mail(const mapi::Message& message) override;
};

}  // namespace postern::spooler
#pragma GCC visibility pop
