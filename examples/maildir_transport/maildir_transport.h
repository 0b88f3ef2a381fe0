// A transport of one's own: keeps every message in maildirs, one for each recipient.
//
// The recipient joe@example.org has the maildir ROOT/joe@example.org. A file is on disk before the
// spooler hears of it, and bears the same name at each try: what a crash has interrupted is written
// again in the same place, and nobody gets anything twice.
#pragma once

#include <filesystem>
#include <memory>
#include <postern/mapi/transport.h>
#include <utility>

class MaildirTransport final : public postern::mapi::XPProvider {
 public:
  explicit MaildirTransport(std::filesystem::path root) : root_(std::move(root)) {}

  std::unique_ptr<postern::mapi::XPLogon> transport_logon(
      postern::mapi::TransportSupport& support) override;

 private:
  std::filesystem::path root_;
};
