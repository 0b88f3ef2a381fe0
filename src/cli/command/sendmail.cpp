// postern sendmail: takes a mail from standard input into the outgoing queue, as sendmail(1) does.
#include <chrono>
#include <string>

#include <CLI/CLI.hpp>

#include "base/host_name.h"
#include "cli/command/command.h"
#include "cli/input/collected_mail.h"
#include "cli/option/store_option.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/sendmail/submitted_mail.h"
#include "mapi/property_tags.h"
#include "mime/compose.h"

namespace postern::cli {
namespace {

/// Where it is there, the mail of all users is queued in it.
constexpr auto store_of_system = "/var/spool/postern/store.sqlite";

/// What could not be sent is said now; who gives a mail to sendmail does not read of losses.
void check(SubmittedMail& mail) {
  mime::ComposeOptions options;
  options.now = std::chrono::system_clock::now();
  options.message_id_domain = host_name();
  options.smtputf8 = true;
  auto checked = mime::check(mail.message, options);
  for (auto& loss : checked.losses) mail.losses.push_back(std::move(loss));
  mapi::keep_losses(mail.message, mail.losses);
}

/// The caller still has the mail and is to try again later, whatever is wrong with the store.
int queue(mapi::Message message) {
  try {
    StoreOption option(store_of_system);
    auto store = option.open().logon();
    store->submit(store->folder(mapi::SpecialFolder::outbox), std::move(message));
    return all_delivered;
  } catch (const mapi::Failure& failure) {
    print_diagnostic(failure.what() + std::string("; the mail is not queued"));
    return temporary_failure;
  }
}

mapi::Content collect(const SendmailArguments& arguments) {
  return collect_standard_input(arguments.ends_at_dot ? MailEnd::lone_dot : MailEnd::of_input);
}

}  // namespace

void describe_sendmail(CLI::App& program) {
  auto* command = program.add_subcommand(
      "sendmail", "Queue a mail from standard input, as sendmail(1) does (-t, -i, -f …)");
  command->footer(
      "sendmail [OPTION…] [RECIPIENT…], as Postfix and Exim take it:\n"
      "  -t             send to those in To, Cc and Bcc, and to the recipients named besides\n"
      "  -i, -oi        a line with a dot alone does not end the mail\n"
      "  -f, -r SENDER  the envelope's sender; <>: nobody hears of failures\n"
      "  -F NAME        the sender's name, if the mail has no From\n"
      "  -N EVENTS      never, or of success, failure and delay those to be reported\n"
      "  --             no options behind it\n"
      "Without -t, To and Cc are shown as they are and the recipients named get the mail.\n"
      "-B, -R, -V and those that configure other programs (-A -C -G -L -O -U -X -d -e -h -m\n"
      "-n -o -p -v …) change nothing. A program called sendmail does the same. The store is\n"
      "$POSTERN_STORE, else /var/spool/postern/store.sqlite if its folder is there, else the\n"
      "user's own; `postern spool` sends from it.\n\n"
      "Exit status: 0 when the mail is on disk, 64 wrong options or addresses, 65 no mail that\n"
      "could be sent, 67 no sender, 75 not queued, to be tried again.");
}

int sendmail(const std::vector<std::string>& words) {
  const auto arguments = parse_sendmail_arguments(words);
  try {
    auto mail = submitted_mail(collect(arguments), arguments, local_user());
    check(mail);
    return queue(std::move(mail.message));
  } catch (const UnknownSender& unknown) {
    print_diagnostic(unknown.what());
    return no_user;
  } catch (const mapi::Failure& failure) {
    print_diagnostic(failure.what());
    return mapi::is_exhaustion(failure.code()) ? temporary_failure : exit_status_of(failure.code());
  }
}

}  // namespace postern::cli
