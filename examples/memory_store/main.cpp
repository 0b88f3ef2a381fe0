// A message store of one's own before the SMTP transport: sends a message that is nowhere on disk.
//   memory_store_example smtp://localhost:1025 sender@example.org recipient@example.org...
#include <chrono>
#include <iostream>
#include <postern/mapi/address.h>
#include <postern/mapi/property_tags.h>
#include <postern/mapi/recipient_outcome.h>
#include <postern/session/store_support.h>
#include <postern/spooler/spooler.h>
#include <postern/transport/smtp_transport.h>
#include <stdexcept>
#include <string>

#include "memory_store.h"

using namespace postern;

int main(int argc, char** argv) try {
  if (argc < 4) throw std::invalid_argument("usage: memory_store_example RELAY FROM TO...");
  mapi::Message message;
  message.set(mapi::PR_SUBJECT, "Hello");
  message.set(mapi::PR_BODY, "Good morning.");
  mapi::set_address(message, mapi::sender_group, argv[2]);
  for (int i = 3; i < argc; ++i) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, argv[i]));
  }

  session::DefaultStoreSupport support;
  const auto provider = make_memory_store(support);
  const auto store = provider->spooler_logon();
  const auto entry = store->submit(store->folder(mapi::SpecialFolder::outbox), message);

  transport::SmtpTransportOptions smtp;
  smtp.client.relay = smtp::Relay::parse(argv[1]);
  const auto transport = transport::make_smtp_transport(smtp);
  spooler::SpoolerOptions options;
  options.reporter.host = "localhost";
  spooler::Spooler spooler(*store, {transport.get()}, options);
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
