// A transport that takes so many messages at once for each domain, and serves those of some domains
// only when it is told to.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mapi/transport.h"

namespace postern::spooler::test {

class SharingTransport final : public mapi::XPProvider {
 public:
  std::size_t share = 1;       ///< of each domain
  std::set<std::string> slow;  ///< domains whose messages wait for `serve`

  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    support_ = &support;
    return std::make_unique<Logon>(*this);
  }

  /// Serves the first message that is under way for a slow domain; false if there is none.
  bool serve(const std::string& domain) {
    std::function<void()> first;
    {
      const std::scoped_lock lock(mutex_);
      auto& waiting = under_way_[domain];
      if (waiting.empty()) return false;
      served_.push_back(waiting.front().subject);
      first = std::move(waiting.front().end);
      waiting.pop_front();
    }
    first();
    return true;
  }
  /// The subjects of messages that were served, in their order.
  [[nodiscard]] std::vector<std::string> served() const {
    const std::scoped_lock lock(mutex_);
    return served_;
  }
  [[nodiscard]] int begun() const {
    const std::scoped_lock lock(mutex_);
    return begun_;
  }
  [[nodiscard]] int refusals() const {
    const std::scoped_lock lock(mutex_);
    return refusals_;
  }

 private:
  struct Kept {
    std::string subject;
    std::function<void()> end;
  };
  static std::string domain_of(const mapi::Message& message) {
    const auto address =
        mapi::smtp_address(message.recipients.front(), mapi::recipient_group).value_or("");
    return address.substr(address.find('@') + 1);
  }

  class Sender final : public mapi::XPSender {
   public:
    Sender(SharingTransport& provider, mapi::SenderSupport& support)
        : provider_(provider), support_(support) {}
    void submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) override {
      const auto domain = domain_of(view.message());
      if (!provider_.admit(domain, support_.others_wait(domain))) {
        mapi::SubmitResult busy{mapi::MAPI_E_BUSY};
        busy.destination = domain;
        return done(busy);
      }
      done_ = std::move(done);
      const std::string subject(view.message().get_or(mapi::PR_SUBJECT, ""));
      const auto work = [this, &view, domain] {
        support_.run([this, &view, domain] { end(view, domain); });
      };
      if (provider_.slow.contains(domain)) return provider_.keep(domain, {subject, work});
      provider_.note(subject);
      work();
    }
    mapi::EndMessage end_message() override { return mapi::EndMessage::done; }
    void cancel_message() override {}

   private:
    void end(mapi::MessageHandle& view, const std::string& domain) {
      for (auto& row : view.edit().recipients) {
        Outcome outcome;
        outcome.verdict = Verdict::delivered;
        mapi::set_outcome(row, outcome);
        row.set(mapi::PR_RESPONSIBILITY, true);
      }
      view.save_changes();
      provider_.ended(domain);
      done_({});
    }

    SharingTransport& provider_;
    mapi::SenderSupport& support_;
    Done done_;
  };

  class Logon final : public mapi::XPLogon {
   public:
    explicit Logon(SharingTransport& provider) : provider_(provider) {}
    [[nodiscard]] mapi::Registration registration() const override {
      mapi::Registration registration;
      registration.address_types = {"SMTP"};
      registration.paces_itself = true;
      return registration;
    }
    std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
      return std::make_unique<Sender>(provider_, support);
    }

   private:
    SharingTransport& provider_;
  };

  bool admit(const std::string& domain, bool behind) {
    {
      const std::scoped_lock lock(mutex_);
      if (load_[domain] >= share || behind) {
        ++refusals_;
        awaited_.insert(domain);
        return false;
      }
      ++load_[domain];
      ++begun_;
    }
    tell_room(domain);
    return true;
  }
  void keep(const std::string& domain, Kept kept) {
    const std::scoped_lock lock(mutex_);
    under_way_[domain].push_back(std::move(kept));
  }
  void note(const std::string& subject) {
    const std::scoped_lock lock(mutex_);
    served_.push_back(subject);
  }
  void ended(const std::string& domain) {
    {
      const std::scoped_lock lock(mutex_);
      --load_[domain];
    }
    tell_room(domain);
  }
  /// One after the other, so that nothing ends between what is told and what is still awaited.
  void tell_room(const std::string& domain) {
    const std::scoped_lock one_after_the_other(telling_);
    std::size_t room = 0;
    {
      const std::scoped_lock lock(mutex_);
      if (load_[domain] >= share || awaited_.erase(domain) == 0) return;
      room = share - load_[domain];
    }
    if (!support_->has_room(domain, room)) return;
    const std::scoped_lock lock(mutex_);
    awaited_.insert(domain);
  }

  mapi::TransportSupport* support_ = nullptr;
  std::mutex telling_;
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> load_;
  std::map<std::string, std::deque<Kept>> under_way_;
  std::set<std::string> awaited_;
  std::vector<std::string> served_;
  int begun_ = 0;
  int refusals_ = 0;
};

}  // namespace postern::spooler::test
