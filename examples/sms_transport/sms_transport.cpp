#include "sms_transport.h"

#include <chrono>
#include <fstream>
#include <postern/mapi/property_tags.h>
#include <postern/mapi/recipient_outcome.h>
#include <string>
#include <vector>

using namespace postern;

namespace {

Outcome make_outcome(Verdict verdict, EnhancedStatus status, const std::string& text) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.stage = Stage::end;
  outcome.status = status;
  outcome.text = text;
  outcome.time = std::chrono::system_clock::now();
  return outcome;
}

/// Sends one message: it has left when submit_message returns.
class SmsSender final : public mapi::XPSender {
 public:
  SmsSender(const std::filesystem::path& outbox, mapi::SenderSupport& support)
      : outbox_(outbox), support_(support) {}

  void submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) override {
    std::vector<mapi::Recipient> settled;
    const std::string text(view.message().get_or(mapi::PR_SUBJECT, ""));
    for (auto& row : view.edit().recipients) {
      if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;  // another's, or done
      const auto outcome = send(std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, "")), text);
      mapi::set_outcome(row, outcome);
      if (is_final(outcome.verdict)) {
        row.set(mapi::PR_RESPONSIBILITY, true);
        settled.push_back(row);
      } else {
        rows_left_ = true;
      }
    }
    view.save_changes();  // before anybody hears of it
    const auto code = settled.empty() ? mapi::MAPI_E_WAIT : mapi::S_OK;
    support_.status_recips(std::move(settled));
    done({code});
  }
  mapi::EndMessage end_message() override {
    return rows_left_ ? mapi::EndMessage::resend_later : mapi::EndMessage::done;
  }
  void cancel_message() override {}  // writing takes no time that would be worth cancelling

 private:
  [[nodiscard]] Outcome send(const std::string& number, const std::string& text) const {
    if (number.empty() || number.find_first_not_of("+0123456789") != std::string::npos) {
      return make_outcome(Verdict::failed, {5, 1, 3}, "'" + number + "' is no telephone number");
    }
    std::ofstream outbox(outbox_, std::ios::app);
    outbox << number << ": " << text << std::endl;
    if (outbox) return make_outcome(Verdict::delivered, {2, 0, 0}, "sent");
    return make_outcome(Verdict::retry, {4, 3, 0}, outbox_.string() + " cannot be written to");
  }

  const std::filesystem::path& outbox_;
  mapi::SenderSupport& support_;
  bool rows_left_ = false;
};

class SmsLogon final : public mapi::XPLogon {
 public:
  explicit SmsLogon(std::filesystem::path outbox) : outbox_(std::move(outbox)) {}

  [[nodiscard]] mapi::Registration registration() const override {
    mapi::Registration registration;
    registration.address_types = {"SMS"};
    return registration;
  }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
    return std::make_unique<SmsSender>(outbox_, support);
  }

 private:
  std::filesystem::path outbox_;
};

}  // namespace

std::unique_ptr<mapi::XPLogon> SmsTransport::transport_logon(mapi::TransportSupport&) {
  return std::make_unique<SmsLogon>(outbox_);
}
