// What MAPI offers to message stores: PrepareSubmit, ExpandRecips, DoSentMail
// (mapi-submission.md §§3.2, 3.7, 10). It may be used from any threads, if the functions in its
// options may.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mapi/support.h"
#include "session/list_expansion.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// A hook provider's part in DoSentMail: may change the properties of the message that is kept
/// (store another text than was sent, name another folder in PR_SENTMAIL_ENTRYID), not its
/// attachments, and decide itself what becomes of it; nullopt leaves that to the next hook and to
/// the message's properties. If it throws, its changes are dropped and `SupportOptions::warn` is
/// told: mail that was sent is never held up by a hook.
using SentMailHook =
    std::function<std::optional<mapi::StoreSupport::SentMail>(mapi::Message& message)>;

/// What a DefaultStoreSupport is told by the program.
struct SupportOptions {
  /// Knows personal distribution lists and contacts; empty: there are none.
  RecipientResolver resolver{};
  /// The address types of a directory's entries: a row of such a type that carries an SMTP address
  /// becomes an SMTP row. Empty where a transport serves them as they are. Rows of other types keep
  /// theirs, so that a fax stays one.
  std::vector<std::string> directory_types{"EX"};
  /// Called in this order for each message that was sent.
  std::vector<SentMailHook> sent_mail_hooks{};
  /// Told of recipients whose entry id contradicts their address, and of hooks that fail, one
  /// sentence each.
  std::function<void(const std::string& sentence)> warn{};
};

/// The StoreSupport of a program.
class DefaultStoreSupport final : public mapi::StoreSupport {
 public:
  explicit DefaultStoreSupport(SupportOptions options = {});

  void prepare_submit(mapi::Message& message) override;

  /// Expands personal lists (list_expansion.h), resolves the rows (recipient_resolution.h), those
  /// without an address through the resolver, and removes duplicates (recipient_identity.h). Keeps
  /// rows that cannot be resolved: they end in a report.
  ExpandResult expand_recips(mapi::Message& message,
                             const mapi::OwnRecipients* own = nullptr) override;

  /// What the first hook says that has an answer; else by the table of §3.7.
  SentMail do_sent_mail(mapi::Message& message) override;

 private:
  void resolve(mapi::Recipient& row) const;
  [[nodiscard]] std::optional<SentMail> ask(const SentMailHook& hook, mapi::Message& message) const;
  void warn_of_duplicates(const std::vector<mapi::Recipient>& removed) const;
  void warn(const std::string& sentence) const;

  SupportOptions options_;
};

}  // namespace postern::session
#pragma GCC visibility pop
