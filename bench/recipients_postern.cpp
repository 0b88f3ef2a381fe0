// The measurements of bench/recipients: one message to many recipients, sent by the SMTP client
// alone, and submitted to a store and sent from its queue.
//
// Prints one JSON object a round: milliseconds of each.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/command_line.h"
#include "bench/control.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "session/store_support.h"
#include "smtp/client.h"
#include "smtp/file_source.h"
#include "spooler/spooler.h"
#include "store/sqlite_store.h"
#include "transport/smtp_transport.h"

namespace {

using namespace postern;

constexpr const char* sender_address = "sender@a.test";

struct RecipientsOptions {
  std::string relay;
  std::filesystem::path directory;
  std::size_t recipients = 10'000;
  std::size_t rounds = 5;
};

RecipientsOptions parse(int argc, char** argv) {
  RecipientsOptions options;
  CLI::App program{"The measurements of bench/recipients"};
  program.add_option("--relay", options.relay)->required();
  program.add_option("--directory", options.directory)->required();
  program.add_option("--recipients", options.recipients)->check(CLI::PositiveNumber);
  program.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber);
  bench::parse_or_exit(program, argc, argv);
  return options;
}

std::string address(std::size_t number) {
  return fmt::format("recipient{}@b.test", number);
}

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

smtp::ClientOptions client_options(const RecipientsOptions& options) {
  smtp::ClientOptions client;
  client.relay = smtp::Relay::parse(options.relay);
  return client;
}

/// The dialogue is that of the transport: it asks for delivery status notifications (RFC 3461).
double send_by_smtp_alone(const RecipientsOptions& options) {
  const auto path = options.directory / "message";
  std::ofstream(path) << "Subject: A message to many\r\n\r\nHello\r\n";
  const smtp::FileSource source(path);
  smtp::Envelope envelope;
  envelope.reverse_path = sender_address;
  envelope.envelope_id = "a-message-to-many";
  envelope.return_content = smtp::ReturnContent::headers;
  const smtp::Notify notify{.asked = true, .success = false, .failure = true, .delay = true};
  for (std::size_t i = 0; i < options.recipients; ++i) {
    envelope.recipients.push_back({address(i), notify, address(i)});
  }
  smtp::Client client(client_options(options));
  return milliseconds([&] {
    const auto delivery = client.deliver(envelope, source);
    if (delivery.recipients.back().verdict != Verdict::delivered) {
      throw std::runtime_error("the server refused a recipient");
    }
  });
}

mapi::Message message_to_many(std::size_t recipients) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "A message to many");
  message.set(mapi::PR_BODY, "Hello");
  mapi::set_address(message, mapi::sender_group, sender_address);
  for (std::size_t i = 0; i < recipients; ++i) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::bcc, address(i)));
  }
  return message;
}

void measure_round(const RecipientsOptions& options) {
  const double alone = send_by_smtp_alone(options);
  const auto path = options.directory / "store";
  session::DefaultStoreSupport support;
  const auto provider = store::open_sqlite_store(path, support);
  const auto client = provider->logon();
  const auto message = message_to_many(options.recipients);
  const double submitted =
      milliseconds([&] { client->submit(client->folder(mapi::SpecialFolder::outbox), message); });
  const auto session = provider->spooler_logon();
  transport::SmtpTransportOptions transport_options;
  transport_options.client = client_options(options);
  transport_options.message_id_domain = "bench.test";
  const auto transport = transport::make_smtp_transport(transport_options);
  spooler::SpoolerOptions spooler_options;
  spooler_options.reporter.host = "bench.test";
  const double spooled = milliseconds([&] {
    spooler::Spooler spooler(*session, {transport.get()}, spooler_options);
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{10};
    if (!spooler.wait_empty(until)) throw std::runtime_error("the message is not sent");
  });
  bench::tell_driver(fmt::format(R"({{"smtp": {:.1f}, "submitted": {:.1f}, "spooled": {:.1f}}})",
                                 alone, submitted, spooled));
}

int run(const RecipientsOptions& options) {
  for (std::size_t i = 0; i < options.rounds; ++i) {
    measure_round(options);
    std::filesystem::remove_all(options.directory / "store");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(
      "recipients_postern", [](int count, char** words) { return run(parse(count, words)); }, argc,
      argv);
}
