// The whole gateway within a program: submits a message and tells what became of each recipient.
//   gateway_example STORE smtp://localhost:1025 sender@example.org recipient@example.org...
#include <iostream>
#include <postern/gateway.h>
#include <postern/mapi/address.h>
#include <postern/mapi/property_tags.h>

using namespace postern;

int main(int argc, char** argv) try {
  if (argc < 5) throw std::invalid_argument("usage: gateway_example STORE RELAY FROM TO...");
  gateway::Gateway gateway({.store = argv[1], .relay = argv[2]});
  mapi::Message message;
  message.set(mapi::PR_SUBJECT, "Hello");
  message.set(mapi::PR_BODY, "Good morning.");
  mapi::set_address(message, mapi::sender_group, argv[3]);
  for (int i = 4; i < argc; ++i) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, argv[i]));
  }
  const auto status = gateway.wait(gateway.submit(message), std::chrono::minutes{1});
  for (const auto& recipient : status.recipients) {
    std::cout << recipient.address << ": "
              << (recipient.outcome ? name(recipient.outcome->verdict) : "waiting") << '\n';
  }
  return status.finished ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 2;
}
