#include "transport/smtp_transport.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <stop_token>

#include "base/host_name.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mime/compose.h"
#include "smtp/error.h"
#include "transport/smtp/envelope.h"
#include "transport/smtp/outgoing_source.h"
#include "transport/smtp/submit_result.h"

namespace postern::transport {
namespace {

using std::chrono::system_clock;

/// The route as operators know it.
std::string route_name(const smtp::ClientOptions& client) {
  return client.mx ? "to the recipients' mail hosts" : client.relay.text();
}

smtp::ClientOptions with_transcripts(smtp::ClientOptions client) {
  client.transcripts = true;
  return client;
}

/// The state that all logons of one provider share.
struct Shared {
  explicit Shared(SmtpTransportOptions options)
      : route(route_name(options.client)),
        message_id_domain(options.message_id_domain.empty() ? host_name()
                                                            : options.message_id_domain),
        default_from(std::move(options.default_from)),
        local_delivery_reports(options.local_delivery_reports),
        client(with_transcripts(std::move(options.client))) {
    if (!options.dkim.empty()) signer.emplace(std::move(options.dkim));
  }
  const std::string route;
  const std::string message_id_domain;
  const std::optional<std::string> default_from;
  const bool local_delivery_reports;
  smtp::Client client;
  std::optional<smtp::DkimSigner> signer;
  std::atomic<mapi::MessageReference> last_reference{0};
};

class SmtpLogon final : public mapi::XPLogon {
 public:
  SmtpLogon(std::shared_ptr<Shared> shared, mapi::TransportSupport& support)
      : shared_(std::move(shared)), support_(support) {}

  [[nodiscard]] std::vector<std::string> address_types() const override { return {"SMTP"}; }
  [[nodiscard]] bool paces_itself() const override { return true; }

  mapi::SubmitResult submit_message(mapi::MessageHandle& view,
                                    std::atomic<mapi::MessageReference>& reference) override {
    reference = ++shared_->last_reference;
    const auto stop = begin(reference);
    if (!stop) return {mapi::MAPI_E_USER_CANCEL, {}};
    const auto result = send(view, *stop);
    if (stop->stop_requested() && result.code != mapi::S_OK) {
      return {mapi::MAPI_E_USER_CANCEL, {}};
    }
    return result;
  }

  mapi::EndMessage end_message(mapi::MessageReference) override {
    return std::exchange(rows_left_, false) ? mapi::EndMessage::resend_later
                                            : mapi::EndMessage::done;
  }

  void transport_notify(mapi::TransportNotice notice, mapi::MessageReference reference) override {
    switch (notice) {
      case mapi::TransportNotice::begin_outbound_flush:
        shared_->client.resume();
        break;
      case mapi::TransportNotice::cancel_message:
        cancel(reference);
        break;
      case mapi::TransportNotice::begin_outbound:
      case mapi::TransportNotice::end_outbound:
      case mapi::TransportNotice::abort_deferred:
        break;  // there is no state between messages
    }
  }

  void transport_logoff() override {
    const std::scoped_lock lock(mutex_);
    logged_off_ = true;
    stop_.request_stop();
  }

 private:
  std::optional<std::stop_token> begin(mapi::MessageReference reference) {
    const std::scoped_lock lock(mutex_);
    if (logged_off_) return std::nullopt;
    stop_ = std::stop_source();
    running_ = reference;
    return stop_.get_token();
  }

  /// Reference 0: the spooler did not know it yet; cancels the running message.
  void cancel(mapi::MessageReference reference) {
    const std::scoped_lock lock(mutex_);
    if (reference == 0 || reference == running_) stop_.request_stop();
  }

  mapi::SubmitResult send(mapi::MessageHandle& view, const std::stop_token& stop) {
    std::optional<mime::Plan> plan;
    try {
      plan = compose(view);
    } catch (const mapi::Failure& failure) {
      if (!is_fault_of_message(failure.code())) throw;
      return refuse(view, failure.what());
    }
    const auto offered =
        make_envelope(view.message(), plan->reverse_path, envelope_id(view.message()));
    if (offered.rows.empty()) return {mapi::MAPI_E_NOT_ME, {}};
    std::optional<OutgoingSource> source;
    try {
      source.emplace(*plan, shared_->signer ? &*shared_->signer : nullptr);
    } catch (const smtp::ContentError& error) {
      return refuse(view, error.what());
    } catch (const mapi::Failure&) {
      throw;
    } catch (const std::runtime_error& error) {  // of the key or the machine, not of the message
      if (const auto lack = mapi::exhaustion(std::current_exception())) throw *lack;
      throw mapi::Failure(mapi::MAPI_E_CALL_FAILED, error.what());
    }
    auto delivery = shared_->client.deliver(offered.envelope, *source, stop);
    if (stop.stop_requested() && is_unsettled(delivery)) return {mapi::MAPI_E_USER_CANCEL, {}};
    throw_exhaustion(delivery);
    if (shared_->local_delivery_reports) {
      for (auto& outcome : delivery.recipients) outcome.next_hop_reports = false;
    }
    // The transcript of the last attempt stays if this was none.
    if (was_tried(delivery) || !view.message().get(mapi::PR_POSTERN_TRANSCRIPT)) {
      set_transcript(view.edit(), delivery.transcript);
    }
    record(view, offered, delivery.recipients);
    report_route_fault(delivery);
    return submit_result(delivery);
  }

  /// The sender has to correct it: a later attempt would fail as well.
  static bool is_fault_of_message(mapi::Code code) {
    return code == mapi::MAPI_E_INVALID_PARAMETER || code == mapi::MAPI_E_TOO_COMPLEX;
  }

  static bool is_unsettled(const smtp::Delivery& delivery) {
    return std::all_of(delivery.recipients.begin(), delivery.recipients.end(),
                       [](const Outcome& outcome) { return outcome.verdict == Verdict::retry; });
  }

  /// What ran out here before anybody was asked is no attempt: the spooler waits until there is
  /// more of it.
  static void throw_exhaustion(const smtp::Delivery& delivery) {
    if (!delivery.route_fault || !delivery.route_fault->out_of_resources) return;
    const auto& all = delivery.recipients;
    const bool nobody_was_asked = std::all_of(all.begin(), all.end(), [](const Outcome& outcome) {
      return outcome.verdict == Verdict::retry && outcome.code == 0;
    });
    if (!nobody_was_asked) return;
    throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, delivery.route_fault->outcome.text);
  }

  /// The message cannot be put into MIME: every row offered fails (5.6.0, RFC 3463 §3.7).
  mapi::SubmitResult refuse(mapi::MessageHandle& view, const std::string& sentence) {
    const auto offered = make_envelope(view.message(), {}, {});
    if (offered.rows.empty()) return {mapi::MAPI_E_NOT_ME, {}};
    const Outcome outcome{.verdict = Verdict::failed,
                          .stage = Stage::compose,
                          .code = 0,
                          .status = {5, 6, 0},
                          .text = sentence,
                          .host = {},
                          .time = system_clock::now()};
    record(view, offered, std::vector(offered.rows.size(), outcome));
    return {mapi::S_OK, {}};
  }

  /// The plan, with its Message-ID saved so that every attempt carries the same.
  mime::Plan compose(mapi::MessageHandle& view) {
    mime::ComposeOptions options;
    options.now = system_clock::now();
    options.message_id_domain = shared_->message_id_domain;
    options.default_from = shared_->default_from;
    auto plan = mime::compose(view.message(), options);
    if (view.message().get(mapi::PR_INTERNET_MESSAGE_ID) != plan.message_id) {
      view.edit().set(mapi::PR_INTERNET_MESSAGE_ID, plan.message_id);
      view.save_changes();
    }
    return plan;
  }

  /// ENVID: the message's search key in hexadecimal, the same for every attempt.
  static std::string envelope_id(const mapi::Message& message) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    if (const auto* key = message.get(mapi::PR_SEARCH_KEY)) {
      for (const auto octet : *key) {
        const auto value = std::to_integer<unsigned>(octet);
        text += digits[value >> 4U];
        text += digits[value & 0xFU];
      }
    }
    return text.substr(0, 100);  // RFC 3461 §4.4: at most 100 characters
  }

  static void set_transcript(mapi::Message& message, const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line + '\n';
    message.set(mapi::PR_POSTERN_TRANSCRIPT, text);
  }

  /// Saves the outcomes and reports the final ones.
  void record(mapi::MessageHandle& view, const OfferedEnvelope& offered,
              const std::vector<Outcome>& outcomes) {
    auto& message = view.edit();
    std::vector<mapi::Recipient> settled;
    rows_left_ = false;
    for (std::size_t i = 0; i < offered.rows.size(); ++i) {
      const auto& outcome = outcomes.at(i);
      for (const auto row_index : offered.rows[i]) {
        auto& row = message.recipients[row_index];
        mapi::set_outcome(row, outcome);
        if (is_final(outcome.verdict)) {
          row.set(mapi::PR_RESPONSIBILITY, true);
          settled.push_back(row);
        } else {
          rows_left_ = true;
        }
      }
    }
    message.set(mapi::PR_PROVIDER_SUBMIT_TIME, mapi::FileTime::now());
    view.save_changes();
    if (!settled.empty()) support_.status_recips(message, std::move(settled));
  }

  void report_route_fault(const smtp::Delivery& delivery) {
    if (!delivery.route_fault) return;
    const auto& outcome = delivery.route_fault->outcome;
    // A message that only waits for the end of the suspension reports no new fault.
    if (!delivery.route_fault->configuration || !outcome.attempted) return;
    // The text of a connection fault is a sentence that names the relay.
    std::string sentence;
    if (outcome.stage >= Stage::mail) {
      sentence = shared_->route + ": " + std::to_string(outcome.code) + ' ';
    }
    support_.spooler_notify(mapi::SpoolerNotice::critical_error, sentence + outcome.text);
  }

  std::shared_ptr<Shared> shared_;
  mapi::TransportSupport& support_;
  bool rows_left_ = false;

  std::mutex mutex_;
  bool logged_off_ = false;
  mapi::MessageReference running_ = 0;
  std::stop_source stop_;
};

class SmtpProvider final : public mapi::XPProvider {
 public:
  explicit SmtpProvider(SmtpTransportOptions options)
      : shared_(std::make_shared<Shared>(std::move(options))) {}
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    return std::make_unique<SmtpLogon>(shared_, support);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<mapi::XPProvider> make_smtp_transport(SmtpTransportOptions options) {
  try {
    return std::make_unique<SmtpProvider>(std::move(options));
  } catch (const std::exception&) {
    if (const auto lack = mapi::exhaustion(std::current_exception())) throw *lack;
    throw;
  }
}

}  // namespace postern::transport
