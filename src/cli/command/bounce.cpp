// postern bounce: takes a mail that came back, and puts the report that it is into the Inbox of the
// sender.
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/host_name.h"
#include "cli/command/command.h"
#include "cli/option/mail_input.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/table.h"
#include "mapi/property_tags.h"
#include "session/inbound.h"
#include "store/display_id.h"
#include "transport/inbound_mail.h"

namespace postern::cli {
namespace {

using Correlator = mapi::MsgStore::Correlator;

/// The whole mail; it is kept, so it has to be held first.
mapi::Content read_mail(OctetReader& reader) {
  std::vector<std::byte> octets;
  std::array<std::byte, 65536> block{};
  while (const auto count = reader.read(block)) {
    octets.insert(octets.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
    if (octets.size() > transport::longest_inbound_mail) {
      throw mapi::Failure(mapi::MAPI_E_TOO_BIG,
                          "the mail is longer than 64 MiB, which no bounce needs to be");
    }
  }
  if (octets.empty()) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "the mail is empty; feed one, or name a file");
  }
  return mapi::Content::from_bytes(std::move(octets));
}

const char* noun_of(session::ReportKind kind) {
  constexpr std::array names{"non-delivery", "delivery", "delay",   "relay",
                             "expansion",    "read",     "not read"};
  return names.at(static_cast<std::size_t>(kind));
}

/// A message that is being sent cannot be opened meanwhile.
mapi::Message message_of(mapi::MsgStore& store, const mapi::EntryId& entry) {
  constexpr std::chrono::milliseconds pause{100};
  constexpr int most_tries = 300;
  for (int tries = 1;; ++tries) {
    try {
      return store.open_entry(entry, mapi::Access::read_only)->message();
    } catch (const mapi::Failure& failure) {
      if (failure.code() != mapi::MAPI_E_NO_ACCESS) throw;
      if (tries == most_tries) {
        throw mapi::Failure(mapi::MAPI_E_BUSY, failure.what() + std::string("; try again later"));
      }
    }
    std::this_thread::sleep_for(pause);
  }
}

class Bounce {
 public:
  explicit Bounce(CLI::App& command) {
    mail_.add_to(command);
    store_.add_to(command);
    command.footer(
        "Exit status: 0 the report lies in the Inbox, once, however often the mail comes;\n"
        "1 it is no report, or about no message of this store: the mail itself is kept in the\n"
        "Inbox; 65 there is no mail, or it is too long. For /etc/aliases or a .forward file,\n"
        "which take what ends with 1 for undelivered:\n"
        "  \"|postern bounce --store /var/lib/postern/store.sqlite || test $? -eq 1\"");
  }

  int run() {
    const auto mail = transport::read_inbound_mail(read_mail(*mail_.open()), mapi::FileTime::now());
    const auto store = store_.open_existing().logon();
    session::SubmissionLookup lookup = session::lookup_in(*store);
    lookup.load = [&store](const mapi::EntryId& entry) { return message_of(*store, entry); };
    session::Reporter here;
    here.host = host_name();
    const auto now = mapi::FileTime::now();
    auto decision = session::decide_inbound(mail, lookup, here, now);
    if (decision.known) return say_again(*decision.known, decision.message);
    const auto stored = session::store_inbound(*store, decision, mail.returned, now);
    return decision.original ? say_report(decision, mail.returned, stored)
                             : say_kept(mail.returned, stored);
  }

 private:
  static int say_again(const mapi::EntryId& known, const mapi::Message& message) {
    std::printf("The mail is already kept as message %s.\n", store::display_id(known).c_str());
    const auto message_class = message.get_or(mapi::PR_MESSAGE_CLASS, "");
    return message_class.starts_with("REPORT.") ? all_delivered : some_failed;
  }

  static int say_report(const session::InboundDecision& decision,
                        const mapi::ReturnedReport& returned, const mapi::NewMail& stored) {
    const auto kind = session::report_kind(returned).value();
    const auto recipients = decision.message.recipients.size();
    const auto* by =
        decision.original->by == Correlator::envelope_id ? "envelope id" : "Message-ID";
    std::printf("Message %s, found by its %s: %s report %s, %zu recipient%s.\n",
                store::display_id(decision.original->entry).c_str(), by, noun_of(kind),
                store::display_id(stored.message).c_str(), recipients, recipients == 1 ? "" : "s");
    return all_delivered;
  }

  static int say_kept(const mapi::ReturnedReport& returned, const mapi::NewMail& stored) {
    std::printf("The mail is %s; it is kept as message %s.\n", transport::why_kept(returned),
                store::display_id(stored.message).c_str());
    return some_failed;
  }

  MailInput mail_;
  StoreOption store_;
};

}  // namespace

Run add_bounce(CLI::App& program) {
  auto* command =
      program.add_subcommand("bounce", "Take a returned mail and put its report into the Inbox");
  auto bounce = std::make_shared<Bounce>(*command);
  return [bounce] { return bounce->run(); };
}

}  // namespace postern::cli
