// A transport whose answers are written down beforehand: per recipient address a list of verdicts,
// one for each attempt; the last one repeats.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mapi/transport.h"

namespace postern::spooler::test {

class ScriptedTransport final : public mapi::XPProvider {
 public:
  std::vector<std::string> types{"SMTP"};
  std::vector<mapi::ProviderUid> uids;
  bool prefers_last = false;
  mapi::EntryId own_store;
  std::map<std::string, std::vector<Verdict>> script;  ///< absent: delivered
  std::set<std::string> next_hop_reports;  ///< whose delivery the next hop has promised to report
  /// What submit_message answers before it looks at recipients, one a call; then S_OK.
  std::vector<mapi::SubmitResult> answers;
  /// What submit_message throws before it does anything, one a call.
  std::vector<std::exception_ptr> failures;
  /// What end_message throws, one a call.
  std::vector<mapi::Failure> end_failures;
  bool answers_twice = false;
  std::vector<mapi::Recipient> said_at_end;           ///< end_message hands them to status_recips
  std::atomic<mapi::Code> heard_at_end = mapi::S_OK;  ///< what that answered
  /// An address for which the answer waits.
  std::map<std::string, std::shared_future<void>> hold;
  std::vector<mapi::Preprocessor> preprocessors;
  /// What transport_logon throws, one a call.
  std::vector<mapi::Failure> logon_failures;
  std::vector<mapi::InboundMessage> inbound;  ///< what has come in
  bool asks_at_end = false;                   ///< end_message asks for the message that it keeps
  std::string name = "scripted";
  std::string critical_error;  ///< said with the first answer that fails
  bool paces_itself = false;
  bool speaks_while_it_logs_off = false;
  std::atomic<int> flushes = 0;
  std::atomic<int> ended_flushes = 0;
  bool leaves_everything = false;
  bool saves_itself = true;  ///< false: what is settled is the answer's to save
  /// What work of the transport throws between the outcome and the answer.
  std::optional<mapi::Failure> work_failure;
  bool keeps_rows_bare = false;  ///< what became of a row goes to status_recips alone
  bool reports_at_end = false;   ///< status_recips is called by end_message
  mapi::EndMessage end = mapi::EndMessage::done;  ///< used when no row is left for later
  bool blocks = false;                            ///< no answer comes until it is cancelled
  std::function<void()> before_sender;            ///< called while a sender is made

  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    if (!logon_failures.empty()) {
      const auto failure = logon_failures.front();
      logon_failures.erase(logon_failures.begin());
      throw failure;
    }
    support_ = &support;
    return std::make_unique<Logon>(*this, support);
  }
  /// Of the last logon.
  [[nodiscard]] mapi::TransportSupport& support() { return *support_; }

  [[nodiscard]] std::vector<std::string> offered() const {
    const std::scoped_lock lock(mutex_);
    return offered_;
  }
  /// Of the message at each call.
  [[nodiscard]] std::vector<std::string> subjects() const {
    const std::scoped_lock lock(mutex_);
    return subjects_;
  }
  [[nodiscard]] std::size_t inbound_left() const {
    const std::scoped_lock lock(mutex_);
    return inbound.size();
  }
  /// The messages that abort_deferred has named, and whether they are gone.
  [[nodiscard]] std::vector<std::pair<mapi::EntryId, bool>> aborted() const {
    const std::scoped_lock lock(mutex_);
    return aborted_;
  }
  /// Of each call.
  [[nodiscard]] std::vector<mapi::SubmitKind> kinds() const {
    const std::scoped_lock lock(mutex_);
    return kinds_;
  }
  [[nodiscard]] int ends() const { return ends_; }
  [[nodiscard]] int calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }

 private:
  class Sender final : public mapi::XPSender {
   public:
    Sender(ScriptedTransport& provider, mapi::TransportSupport& transport,
           mapi::SenderSupport& support)
        : provider_(provider), transport_(transport), support_(support) {}

    void submit_message(mapi::MessageHandle& view, mapi::SubmitKind kind, Done done) override {
      provider_.see(view.message());
      entry_ = view.entry_id();
      if (const auto answer = provider_.begin(transport_, kind)) return done(*answer);
      if (provider_.blocks) {
        const std::scoped_lock lock(mutex_);
        if (cancelled_) return done({mapi::MAPI_E_USER_CANCEL, {}, {}});
        done_ = std::move(done);
        return;
      }
      const auto result = provider_.settle(view, unreported_, rows_left_);
      if (!provider_.reports_at_end && !unreported_.empty()) {
        support_.status_recips(std::exchange(unreported_, {}));
      }
      if (const auto failure = provider_.work_failure) {
        support_.run([failure] { throw *failure; });
      }
      done(result);
      if (provider_.answers_twice) done(result);
    }
    mapi::EndMessage end_message() override {
      ++provider_.ends_;
      provider_.fail_at_end();
      if (provider_.asks_at_end) transport_.sent_deferred(entry_);
      if (!provider_.said_at_end.empty()) {
        provider_.heard_at_end = support_.status_recips(provider_.said_at_end);
      }
      if (!unreported_.empty()) support_.status_recips(unreported_);
      return rows_left_ ? mapi::EndMessage::resend_later : provider_.end;
    }
    void cancel_message() override {
      const std::scoped_lock lock(mutex_);
      cancelled_ = true;
      if (done_) std::exchange(done_, {})({mapi::MAPI_E_USER_CANCEL, {}, {}});
    }

   private:
    ScriptedTransport& provider_;
    mapi::TransportSupport& transport_;
    mapi::SenderSupport& support_;
    mapi::EntryId entry_;
    bool rows_left_ = false;
    std::vector<mapi::Recipient> unreported_;
    std::mutex mutex_;
    bool cancelled_ = false;
    Done done_;
  };

  class Logon final : public mapi::XPLogon {
   public:
    Logon(ScriptedTransport& provider, mapi::TransportSupport& support)
        : provider_(provider), support_(support) {
      mapi::PropertyBag columns;
      columns.set(mapi::PR_DISPLAY_NAME, provider.name);
      support.modify_status_row(columns);
      for (const auto& preprocessor : provider.preprocessors) {
        support.register_preprocessor(preprocessor);
      }
    }
    [[nodiscard]] mapi::Registration registration() const override {
      mapi::Registration registration;
      registration.address_types = provider_.types;
      registration.uids = provider_.uids;
      registration.prefer_last = provider_.prefers_last;
      registration.own_store = provider_.own_store;
      registration.address_properties = {mapi::PR_SMTP_ADDRESS};
      registration.paces_itself = provider_.paces_itself;
      return registration;
    }
    std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
      if (provider_.before_sender) provider_.before_sender();
      return std::make_unique<Sender>(provider_, support_, support);
    }
    mapi::Code flush_queues(mapi::Direction) override {
      ++provider_.flushes;
      return mapi::S_OK;
    }
    std::optional<mapi::InboundMessage> start_message() override {
      const std::scoped_lock lock(provider_.mutex_);
      if (provider_.inbound.empty()) return std::nullopt;
      return provider_.inbound.front();
    }
    void inbound_stored() override {
      const std::scoped_lock lock(provider_.mutex_);
      provider_.inbound.erase(provider_.inbound.begin());
    }
    void end_flush(mapi::Direction) override { ++provider_.ended_flushes; }
    void transport_logoff() override {
      if (!provider_.speaks_while_it_logs_off) return;
      std::thread([this] {
        support_.new_mail();
        support_.sent_deferred({});
        support_.config_changed();
        support_.ready_to_send();
      }).join();
    }
    void abort_deferred(const mapi::EntryId& entry, bool is_gone) override {
      const std::scoped_lock lock(provider_.mutex_);
      provider_.aborted_.emplace_back(entry, is_gone);
    }

   private:
    ScriptedTransport& provider_;
    mapi::TransportSupport& support_;
  };

  void see(const mapi::Message& message) {
    const std::scoped_lock lock(mutex_);
    subjects_.emplace_back(message.get_or(mapi::PR_SUBJECT, ""));
  }

  std::optional<mapi::SubmitResult> begin(mapi::TransportSupport& support, mapi::SubmitKind kind) {
    const std::scoped_lock lock(mutex_);
    ++calls_;
    kinds_.push_back(kind);
    if (!failures.empty()) {
      const auto failure = failures.front();
      failures.erase(failures.begin());
      std::rethrow_exception(failure);
    }
    if (answers.empty()) return std::nullopt;
    const auto answer = answers.front();
    answers.erase(answers.begin());
    if (!critical_error.empty()) {
      support.critical_error(critical_error);
    }
    return answer;
  }

  mapi::SubmitResult settle(mapi::MessageHandle& view, std::vector<mapi::Recipient>& settled,
                            bool& rows_left) {
    rows_left = false;
    for (auto& row : view.edit().recipients) {
      if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;
      const auto address = mapi::smtp_address(row, mapi::recipient_group).value_or("");
      if (const auto held = hold.find(address); held != hold.end()) held->second.wait();
      const auto verdict = next(address);
      if (leaves_everything) continue;
      auto outcome = row;
      mapi::set_outcome(outcome, outcome_of(verdict, next_hop_reports.contains(address)));
      if (!keeps_rows_bare) row = outcome;
      if (is_final(verdict)) {
        row.set(mapi::PR_RESPONSIBILITY, true);
        settled.push_back(outcome);
      } else {
        rows_left = true;
      }
    }
    if (saves_itself) view.save_changes();
    return {settled.empty() && rows_left ? mapi::MAPI_E_WAIT : mapi::S_OK, {}, {}};
  }

  void fail_at_end() {
    const std::scoped_lock lock(mutex_);
    if (end_failures.empty()) return;
    const auto failure = end_failures.front();
    end_failures.erase(end_failures.begin());
    throw mapi::Failure(failure);
  }

  static Outcome outcome_of(Verdict verdict, bool next_hop_reports) {
    const bool bad = verdict == Verdict::failed;
    return {.verdict = verdict,
            .stage = Stage::rcpt,
            .code = bad                 ? 550
                    : is_final(verdict) ? 250
                                        : 450,
            .status = bad ? EnhancedStatus{5, 1, 1} : EnhancedStatus{2, 0, 0},
            .text = bad ? "5.1.1 no such user" : "ok",
            .host = "mx.example.net",
            .time = std::chrono::system_clock::now(),
            .next_hop_reports = next_hop_reports};
  }

  Verdict next(const std::string& address) {
    const std::scoped_lock lock(mutex_);
    offered_.push_back(address);
    const auto found = script.find(address);
    if (found == script.end()) return Verdict::delivered;
    auto& verdicts = found->second;
    const auto verdict = verdicts.front();
    if (verdicts.size() > 1) verdicts.erase(verdicts.begin());
    return verdict;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> offered_;
  int calls_ = 0;
  std::atomic<int> ends_ = 0;
  std::vector<mapi::SubmitKind> kinds_;
  std::vector<std::string> subjects_;
  std::vector<std::pair<mapi::EntryId, bool>> aborted_;
  std::atomic<mapi::TransportSupport*> support_ = nullptr;
};

}  // namespace postern::spooler::test
