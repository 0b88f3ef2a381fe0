// A whole mail system for the acceptance scenarios: a store, a spooler, transports, and a server
// that refuses by address (catcher/behaviour.h).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catcher/catcher.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/store_support.h"
#include "spooler/spooler.h"
#include "store/sqlite_store.h"
#include "tests/spooler/scripted_transport.h"
#include "tests/temporary_directory.h"
#include "transport/smtp_transport.h"

/// Of examples/memory_store.
std::unique_ptr<postern::mapi::MSProvider> make_memory_store(postern::mapi::StoreSupport& support);

namespace postern::acceptance {

using spooler::test::ScriptedTransport;

/// The stores that every scenario is played with.
enum class StoreKind { sqlite, memory };

inline std::string store_name(const testing::TestParamInfo<StoreKind>& kind) {
  return kind.param == StoreKind::sqlite ? "SqliteStore" : "MemoryStore";
}

inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds{30};
}

/// The code a call fails with; S_OK if it does not.
inline mapi::Code code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const mapi::Failure& failure) {
    return failure.code();
  }
  return mapi::S_OK;
}

class MailSystem : public testing::TestWithParam<StoreKind> {
 protected:
  MailSystem() {
    open_store();
    options.retry.intervals = {std::chrono::milliseconds{20}};
    options.reporter.host = "gateway.example";
  }

  void open_store() {
    client.reset();
    provider.reset();
    provider = GetParam() == StoreKind::sqlite
                   ? store::open_sqlite_store(directory.path() / "store", support)
                   : make_memory_store(support);
    client = provider->logon();
  }

  static mapi::Message letter_to(const std::vector<std::string>& addresses) {
    mapi::Message message;
    message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
    message.set(mapi::PR_SUBJECT, "Hello");
    message.set(mapi::PR_BODY, "Dear all");
    mapi::set_address(message, mapi::sender_group, "ann@example.com", "Ann");
    for (const auto& address : addresses) {
      message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
    }
    return message;
  }
  mapi::Message moved_when_sent(mapi::Message message) {
    message.set(mapi::PR_SENTMAIL_ENTRYID, folder(mapi::SpecialFolder::sent_items).bytes);
    return message;
  }
  static mapi::Message of_type(mapi::Message message, std::size_t row, const std::string& type) {
    message.recipients.at(row).set(mapi::PR_ADDRTYPE, type);
    message.recipients.at(row).erase(mapi::PR_SMTP_ADDRESS);
    return message;
  }

  [[nodiscard]] mapi::EntryId folder(mapi::SpecialFolder which) { return client->folder(which); }
  mapi::EntryId submit(mapi::Message message) {
    return client->submit(folder(mapi::SpecialFolder::outbox), std::move(message));
  }
  [[nodiscard]] std::vector<mapi::Message> messages_in(mapi::SpecialFolder which) {
    std::vector<mapi::Message> messages;
    for (const auto& row : client->contents(folder(which))) {
      messages.push_back(message(row.entry_id));
    }
    return messages;
  }
  [[nodiscard]] mapi::Message message(const mapi::EntryId& entry) {
    return client->open_entry(entry, mapi::Access::read_only)->message();
  }
  [[nodiscard]] bool is_queued(const mapi::EntryId& entry) {
    return client->queue_row(entry).has_value();
  }
  Outcome outcome(const mapi::EntryId& entry, std::size_t row) {
    return mapi::outcome(message(entry).recipients.at(row)).value();
  }

  /// To the catcher, or to another relay.
  mapi::XPProvider& smtp(std::optional<std::string> relay = std::nullopt) {
    transport::SmtpTransportOptions smtp_options;
    smtp_options.client.relay =
        smtp::Relay::parse(relay.value_or("smtp://127.0.0.1:" + std::to_string(server.port())));
    smtp_options.message_id_domain = "gateway.example";
    smtp_transports.push_back(transport::make_smtp_transport(std::move(smtp_options)));
    return *smtp_transports.back();
  }
  /// A spooler at work.
  std::unique_ptr<spooler::Spooler> spool(std::vector<mapi::XPProvider*> providers) {
    spooler_logon.reset();
    spooler_logon = provider->spooler_logon();
    return std::make_unique<spooler::Spooler>(*spooler_logon, std::move(providers), options,
                                              observer);
  }
  /// Until the queue is empty.
  void send_all(std::vector<mapi::XPProvider*> providers) {
    const auto spooler = spool(std::move(providers));
    EXPECT_TRUE(spooler->wait_empty(soon()));
  }
  /// Until all that is left is held.
  void send_what_goes(std::vector<mapi::XPProvider*> providers) {
    const auto spooler = spool(std::move(providers));
    EXPECT_TRUE(spooler->wait_idle(soon()));
  }
  /// To whom the server has delivered, once for each delivery.
  [[nodiscard]] std::vector<std::string> served() const {
    std::vector<std::string> addresses;
    for (const auto& caught : server.messages()) {
      for (const auto& recipient : caught.recipients) {
        addresses.push_back(recipient.address);
      }
    }
    return addresses;
  }

  const test::TemporaryDirectory directory;
  catcher::Catcher server{catcher::CatcherOptions{}};
  session::RecipientResolver resolver;  ///< knows the lists of what is submitted
  session::SentMailHook hook;           ///< sees what was sent
  session::DefaultStoreSupport support{session::SupportOptions{
      .resolver =
          [this](const mapi::Recipient& row) -> std::optional<std::vector<mapi::Recipient>> {
        if (resolver) return resolver(row);
        return std::nullopt;
      },
      .sent_mail_hooks = {
          [this](mapi::Message& kept) -> std::optional<mapi::StoreSupport::SentMail> {
            if (hook) return hook(kept);
            return std::nullopt;
          }}}};
  std::unique_ptr<mapi::MSProvider> provider;
  std::unique_ptr<mapi::MsgStore> client;
  spooler::SpoolerOptions options;
  spooler::SpoolerObserver observer;
  std::vector<std::unique_ptr<mapi::XPProvider>> smtp_transports;
  std::unique_ptr<mapi::MsgStore> spooler_logon;
};

/// Plays the scenarios of a suite with every store.
#define POSTERN_WITH_EVERY_STORE(suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(With, suite, testing::Values(StoreKind::sqlite, StoreKind::memory), \
                           store_name)

}  // namespace postern::acceptance
