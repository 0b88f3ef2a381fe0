// A transport of one's own beside one of the library's: a message goes to telephones and to
// Maildirs.
//   sms_transport_example STORE DIRECTORY sender@example.org SMS:+4912345 recipient@example.org...
#include <chrono>
#include <filesystem>
#include <iostream>
#include <postern/mapi/address.h>
#include <postern/mapi/property_tags.h>
#include <postern/mapi/recipient_outcome.h>
#include <postern/session/store_support.h>
#include <postern/spooler/spooler.h>
#include <postern/store/sqlite_store.h>
#include <postern/transport/maildir_transport.h>
#include <stdexcept>
#include <string>

#include "sms_transport.h"

using namespace postern;

namespace {

mapi::Recipient make_recipient(const std::string& text) {
  if (!text.starts_with("SMS:")) return mapi::make_recipient(mapi::RecipientType::to, text);
  const mapi::Address address{text.substr(4), "SMS", text.substr(4)};
  mapi::Recipient row;
  row.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::to));
  row.set(mapi::PR_ENTRYID, mapi::make_one_off(address).bytes);  // the rest follows from it
  row.set(mapi::PR_SEARCH_KEY, mapi::make_search_key(address));
  return row;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 5) throw std::invalid_argument("usage: sms_transport_example STORE DIR FROM TO...");
  mapi::Message message;
  message.set(mapi::PR_SUBJECT, "Hello");
  message.set(mapi::PR_BODY, "Good morning.");
  mapi::set_address(message, mapi::sender_group, argv[3]);
  for (int i = 4; i < argc; ++i) message.recipients.push_back(make_recipient(argv[i]));

  session::DefaultStoreSupport support;
  const auto provider = store::open_sqlite_store(argv[1], support);
  const auto store = provider->spooler_logon();
  const auto entry = store->submit(store->folder(mapi::SpecialFolder::outbox), message);

  const auto directory = std::filesystem::absolute(argv[2]);
  SmsTransport telephone(directory / "outbox");
  const auto maildirs =
      transport::make_maildir_transport({.mailbox = directory / "{local}@{domain}"});
  spooler::SpoolerOptions options;
  options.reporter.host = "localhost";
  spooler::Spooler spooler(*store, {&telephone, maildirs.get()}, options);
  spooler.wait_idle(std::chrono::steady_clock::now() + std::chrono::minutes{1});
  spooler.stop();

  const auto sent = store->open_entry(entry, mapi::Access::read_only);
  bool delivered = true;
  for (const auto& row : sent->message().recipients) {
    const auto outcome = mapi::outcome(row);
    std::cout << mapi::address_text(row) << ": ";
    std::cout << (outcome ? std::string(name(outcome->verdict)) + ": " + outcome->text : "waiting")
              << '\n';
    delivered = delivered && outcome && outcome->verdict == Verdict::delivered;
  }
  for (const auto& report : store->contents(store->folder(mapi::SpecialFolder::inbox))) {
    std::cout << "in the Inbox: " << report.subject << '\n';
  }
  return delivered ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 2;
}
