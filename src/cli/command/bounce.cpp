// postern bounce: takes a mail that came back, and puts the report that it is into the Inbox of the
// sender.
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <openssl/evp.h>

#include "base/host_name.h"
#include "base/text.h"
#include "cli/command/command.h"
#include "cli/option/mail_input.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/table.h"
#include "mapi/property_tags.h"
#include "mime/read_mail.h"
#include "mime/read_report.h"
#include "session/returned_report.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

using Correlator = mapi::MsgStore::Correlator;

/// The whole mail; it is kept, so it has to be held first.
mapi::Content read_mail(OctetReader& reader) {
  constexpr std::size_t longest = std::size_t{64} << 20U;
  std::vector<std::byte> octets;
  std::array<std::byte, 65536> block{};
  while (const auto count = reader.read(block)) {
    octets.insert(octets.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
    if (octets.size() > longest) {
      throw mapi::Failure(mapi::MAPI_E_TOO_BIG,
                          "the mail is longer than 64 MiB, which no bounce needs to be");
    }
  }
  if (octets.empty()) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "the mail is empty; feed one, or name a file");
  }
  return mapi::Content::from_bytes(std::move(octets));
}

/// What tells one mail from another where it has no Message-ID.
std::string digest_id(const mapi::Content& mail) {
  const auto octets = mail.read_all();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) append_hex(hex, static_cast<char>(digest.at(i)));
  return "<" + lower_case(hex) + "@returned.invalid>";
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
    const auto mail = read_mail(*mail_.open());
    auto returned = mime::read_report(mail.open());
    if (returned.message_id.empty()) returned.message_id = digest_id(mail);
    auto& provider = store_.open_existing();
    const auto store = provider.logon();
    if (const auto there = find_received(*store, returned.message_id)) return say_again(*there);
    const auto kind = session::report_kind(returned);
    const auto match = match_in(*store, returned);
    if (kind && match) return record(provider, *kind, *match, returned);
    return keep(*store, mail, returned);
  }

 private:
  struct Received {
    std::string id;
    bool is_report = false;
  };

  /// What was received before with this Message-ID; a submission has no delivery time.
  static std::optional<Received> find_received(mapi::MsgStore& store,
                                               const std::string& message_id) {
    for (const auto& entry : store.find_messages(Correlator::message_id, message_id)) {
      const auto message = message_of(store, entry);
      if (!message.get(mapi::PR_MESSAGE_DELIVERY_TIME)) continue;
      const auto message_class = message.get_or(mapi::PR_MESSAGE_CLASS, "");
      return Received{store::display_id(entry), message_class.starts_with("REPORT.")};
    }
    return std::nullopt;
  }

  static int say_again(const Received& received) {
    std::printf("The mail is already kept as message %s.\n", received.id.c_str());
    return received.is_report ? all_delivered : some_failed;
  }

  static std::optional<session::SubmissionMatch> match_in(mapi::MsgStore& store,
                                                          const mapi::ReturnedReport& returned) {
    return session::match_submission(
        returned,
        {[&store](Correlator by, std::string_view value) { return store.find_messages(by, value); },
         [&store](const mapi::EntryId& entry) { return message_of(store, entry); }});
  }

  /// In the mailbox that the message lies in.
  static int record(mapi::MSProvider& provider, session::ReportKind kind,
                    const session::SubmissionMatch& match, const mapi::ReturnedReport& returned) {
    session::Reporter here;
    here.host = host_name();
    auto report = session::make_report(kind, match.message, returned, here, mapi::FileTime::now());
    report.set(mapi::PR_INTERNET_MESSAGE_ID, returned.message_id);
    const auto recipients = report.recipients.size();
    const auto store = provider.logon(provider.logon()->mailbox_of(match.entry));
    const auto folder = store->receive_folder(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
    const auto handle = store->create_message(folder, std::move(report));
    const auto* by = match.by == Correlator::envelope_id ? "envelope id" : "Message-ID";
    std::printf("Message %s, found by its %s: %s report %s, %zu recipient%s.\n",
                store::display_id(match.entry).c_str(), by, noun_of(kind),
                store::display_id(handle->entry_id()).c_str(), recipients,
                recipients == 1 ? "" : "s");
    return all_delivered;
  }

  static int keep(mapi::MsgStore& store, const mapi::Content& mail,
                  const mapi::ReturnedReport& returned) {
    const bool is_report = returned.kind != mapi::ReturnedKind::none;
    const std::string why = is_report ? "a report about no message of this store"
                                      : "no report that can be read for certain";
    auto message = mime::enclose_mail(mail, "This mail came back and is " + why + ".\n",
                                      mapi::FileTime::now());
    message.set(mapi::PR_INTERNET_MESSAGE_ID, returned.message_id);
    const auto handle = store.create_message(store.receive_folder("IPM.Note"), std::move(message));
    std::printf("The mail is %s; it is kept as message %s.\n", why.c_str(),
                store::display_id(handle->entry_id()).c_str());
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
