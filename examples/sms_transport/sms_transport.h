// A transport of one's own, for another type of address: hands the text of a message to recipients
// of the type SMS, whose address is a telephone number.
//
// In place of a telephone there is a file, to which each text message is a line.
#pragma once

#include <filesystem>
#include <memory>
#include <postern/mapi/transport.h>
#include <utility>

class SmsTransport final : public postern::mapi::XPProvider {
 public:
  explicit SmsTransport(std::filesystem::path outbox) : outbox_(std::move(outbox)) {}

  std::unique_ptr<postern::mapi::XPLogon> transport_logon(
      postern::mapi::TransportSupport& support) override;

 private:
  std::filesystem::path outbox_;
};
