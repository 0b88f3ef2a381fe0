#include "transport/imap_source.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/text.h"
#include "transport/imap/connection.h"
#include "transport/imap/mailbox.h"
#include "transport/inbound/source_logon.h"
#include "transport/inbound_mail.h"

namespace postern::transport {
namespace {

/// As a sentence names it.
std::string name_of_mailbox(const ImapSourceOptions& options) {
  return "the folder '" + printable(options.folder) + "' of " + printable(options.user) + " at " +
         printable(options.host);
}

/// Names sort as numbers do; those of another UIDVALIDITY are other mails.
std::string mail_name(std::uint32_t validity, std::uint32_t uid) {
  constexpr std::size_t most_digits = 10;
  const auto digits = std::to_string(uid);
  return std::to_string(validity) + '/' + std::string(most_digits - digits.size(), '0') + digits;
}

/// What the server refuses of it concerns that mail.
auto about_one_mail(const auto& work) {
  try {
    return work();
  } catch (const imap::Refusal& refusal) {
    throw MailFault(refusal.what());
  }
}

class ImapSource final : public MailSource {
 public:
  explicit ImapSource(ImapSourceOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string display_name() const override {
    return "mail in " + name_of_mailbox(options_);
  }
  [[nodiscard]] std::string name_of(const std::string& mail) const override {
    return "with UID " + std::to_string(uid_of(mail)) + " in " + name_of_mailbox(options_);
  }

  std::vector<std::string> list(const std::stop_token& stop) override {
    return with_mailbox(stop, [](imap::Mailbox& mailbox) {
      std::vector<std::string> mails;
      for (const auto uid : mailbox.search_unseen()) {
        mails.push_back(mail_name(mailbox.uid_validity(), uid));
      }
      return mails;
    });
  }

  std::optional<mapi::Content> read(const std::string& mail, const std::stop_token& stop) override {
    return with_mailbox(stop, [&](imap::Mailbox& mailbox) -> std::optional<mapi::Content> {
      const auto uid = uid_of(mail);
      if (mail_name(mailbox.uid_validity(), uid) != mail) return std::nullopt;
      const auto size = about_one_mail([&] { return mailbox.size_of(uid); });
      if (!size) return std::nullopt;
      require_takable_size(*size);
      const auto octets = about_one_mail([&] { return mailbox.fetch(uid); });
      if (!octets) return std::nullopt;
      return mapi::Content::from_text(*octets);
    });
  }

  void mark_stored(const std::string& mail, const std::stop_token& stop) override {
    with_mailbox(stop, [&](imap::Mailbox& mailbox) {
      const auto uid = uid_of(mail);
      if (mail_name(mailbox.uid_validity(), uid) != mail) return false;
      return about_one_mail([&] {
        mailbox.mark_seen(uid);
        return true;
      });
    });
  }

  void rest() override {
    try {
      if (mailbox_) mailbox_->log_out();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it was the last command
    }
    mailbox_.reset();
    wire_.reset();
  }

 private:
  static std::uint32_t uid_of(const std::string& mail) {
    return static_cast<std::uint32_t>(std::stoul(mail.substr(mail.find('/') + 1)));
  }

  /// Connects if need be; any fault but that of one mail ends the connection.
  template <typename Work>
  std::invoke_result_t<Work, imap::Mailbox&> with_mailbox(const std::stop_token& stop,
                                                          const Work& work) {
    try {
      if (!mailbox_) open(stop);
      return work(*mailbox_);
    } catch (const MailFault&) {
      throw;
    } catch (const std::exception& fault) {
      if (mapi::exhaustion(std::current_exception())) throw;
      mailbox_.reset();
      wire_.reset();
      throw std::runtime_error(name_of_mailbox(options_) +
                               " cannot be read; mail that came back waits: " + fault.what());
    }
  }

  void open(const std::stop_token& stop) {
    constexpr auto longest = static_cast<std::size_t>(longest_inbound_mail) + 1024;
    wire_ = imap::connect(options_, stop);
    mailbox_ = std::make_unique<imap::Mailbox>(*wire_, options_.folder, longest);
  }

  ImapSourceOptions options_;
  std::unique_ptr<imap::Wire> wire_;
  std::unique_ptr<imap::Mailbox> mailbox_;
};

class ImapSourceProvider final : public mapi::XPProvider {
 public:
  explicit ImapSourceProvider(ImapSourceOptions options) : options_(std::move(options)) {}
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    return std::make_unique<SourceLogon>(std::make_unique<ImapSource>(options_), options_.interval,
                                         support);
  }

 private:
  ImapSourceOptions options_;
};

}  // namespace

std::unique_ptr<mapi::XPProvider> make_imap_source(ImapSourceOptions options) {
  const std::pair<const char*, const std::string*> needed[] = {{"host", &options.host},
                                                               {"user", &options.user},
                                                               {"password", &options.password},
                                                               {"folder", &options.folder}};
  for (const auto& [what, value] : needed) {
    if (value->empty()) {
      throw std::invalid_argument(std::string("there is no ") + what + " for the IMAP mailbox");
    }
    if (has_control(*value)) {
      throw std::invalid_argument(std::string("there is a control character in the ") + what +
                                  " for the IMAP mailbox");
    }
  }
  if (options.implicit_tls && !options.tls) {
    throw std::invalid_argument("without TLS the IMAP mailbox's URL begins with imap://");
  }
  return std::make_unique<ImapSourceProvider>(std::move(options));
}

}  // namespace postern::transport
