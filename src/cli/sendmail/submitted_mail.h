// The mail that sendmail(1) was given, with its envelope, as a message object that is ready to be
// submitted.
#pragma once

#include <stdexcept>
#include <vector>

#include "cli/sendmail/arguments.h"
#include "cli/sendmail/local_user.h"
#include "mapi/content.h"
#include "mapi/loss.h"
#include "mapi/message.h"

namespace postern::cli {

/// Who sends the mail has no name, and the mail names none.
class UnknownSender : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct SubmittedMail {
  mapi::Message message;
  std::vector<mapi::Loss> losses;
};

/// To and Cc stay as the mail has them: with recipients of the command line, who is named in the
/// header only is shown and not sent to (MAPI_SUBMITTED, as in a message that is resent), and who
/// is named on the command line only gets a blind copy. With -t both are sent to. Throws
/// UsageError: a recipient or sender that is no address, nobody to send to; UnknownSender; what
/// reading the mail throws.
SubmittedMail submitted_mail(const mapi::Content& mail, const SendmailArguments& arguments,
                             const LocalUser& user);

}  // namespace postern::cli
