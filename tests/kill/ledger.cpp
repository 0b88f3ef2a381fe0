#include "tests/kill/ledger.h"

#include <algorithm>

namespace postern::kill {

Counts& Counts::operator+=(const Counts& other) {
  submitted += other.submitted;
  acknowledged += other.acknowledged;
  delivered += other.delivered;
  duplicates += other.duplicates;
  lost += other.lost;
  reports += other.reports;
  reports_missing += other.reports_missing;
  reports_doubled += other.reports_doubled;
  return *this;
}

void Ledger::begin(const std::string& message, const std::string& mailbox,
                   const std::vector<std::string>& addresses) {
  auto& entry = messages_[message];
  entry.mailbox = mailbox;
  for (const auto& address : addresses) {
    entry.recipients[address];
    message_of_[address] = message;
  }
  ++counts_.submitted;
}

void Ledger::acknowledge(const std::string& message) {
  const auto found = messages_.find(message);
  if (found == messages_.end()) return complain(message + " was acknowledged and never begun");
  found->second.is_acknowledged = true;
  ++counts_.acknowledged;
}

void Ledger::record(Life life, const std::string& address) {
  if (auto* recipient = find(address, "has a result")) recipient->recorded_by.insert(life);
}

void Ledger::kill(Life life) {
  killed_.insert(life);
}

void Ledger::deliver(const Copy& copy) {
  ++counts_.delivered;
  auto* const recipient = find(copy.address, "has mail");
  if (recipient == nullptr) return;
  ++recipient->copies[copy.life];
  const auto& message = message_of_[copy.address];
  if (copy.message != message) {
    complain(copy.address + " has got '" + copy.message + "', which is not for it");
  } else if (!copy.is_whole) {
    complain(copy.address + " has got a part of " + message);
  }
}

void Ledger::refuse(Life life, const std::string& address) {
  if (auto* recipient = find(address, "was refused")) recipient->refused_to.insert(life);
}

void Ledger::report(const std::string& mailbox, const std::string& address) {
  ++counts_.reports;
  if (auto* recipient = find(address, "is reported")) recipient->reported_in.push_back(mailbox);
}

Ledger::Recipient* Ledger::find(const std::string& address, const std::string& event) {
  const auto found = message_of_.find(address);
  if (found != message_of_.end()) return &messages_.at(found->second).recipients.at(address);
  complain(address + ' ' + event + ", to which nobody has begun to submit anything");
  return nullptr;
}

/// One that was begun and not acknowledged may be there or not, as a whole.
bool Ledger::Message::was_submitted() const {
  return is_acknowledged || std::ranges::any_of(recipients, [](const auto& entry) {
           const auto& recipient = entry.second;
           return !recipient.copies.empty() || !recipient.refused_to.empty() ||
                  !recipient.reported_in.empty();
         });
}

/// The judgement while it is found.
class Ledger::Judging {
 public:
  explicit Judging(const Ledger& ledger)
      : killed_(ledger.killed_), judgement_{ledger.counts_, ledger.faults_} {}

  void judge(const std::string& name, const Message& message) {
    for (const auto& [address, recipient] : message.recipients) {
      judge_reports(address, recipient, message.mailbox);
      judge_copies(address, recipient);
      count_window(name, recipient);
    }
  }

  Judgement judgement(std::size_t sessions) && {
    for (const auto& [life, messages] : in_window_) {
      if (messages.size() <= sessions) continue;
      blame("life " + std::to_string(life) + " has left " + std::to_string(messages.size()) +
            " messages unrecorded, with " + std::to_string(sessions) + " sessions");
    }
    return std::move(judgement_);
  }

 private:
  void blame(std::string fault) { judgement_.faults.push_back(std::move(fault)); }

  void judge_reports(const std::string& address, const Recipient& recipient,
                     const std::string& mailbox) {
    const auto& reported = recipient.reported_in;
    if (reported.empty() && must_be_reported(recipient)) {
      ++judgement_.counts.reports_missing;
      blame(address + " was refused, and no report names it");
    }
    if (!reported.empty() && recipient.refused_to.empty()) {
      blame(address + " is reported and was never refused");
    }
    if (reported.size() > 1) {
      judgement_.counts.reports_doubled += reported.size() - 1;
      blame(address + " is named in " + std::to_string(reported.size()) + " reports");
    }
    for (const auto& found_in : reported) {
      if (found_in != mailbox) blame(address + " is reported to " + found_in);
    }
  }

  /// A refusal counts if it was heard: who was killed may have left a command whose answer nobody
  /// hears, while somebody else has served the recipient.
  [[nodiscard]] static bool must_be_reported(const Recipient& recipient) {
    if (recipient.refused_to.empty()) return false;
    if (recipient.copies.empty()) return true;
    return std::ranges::any_of(recipient.refused_to, [&](Life life) {
      return recipient.recorded_by.contains(life) && !recipient.copies.contains(life);
    });
  }

  void judge_copies(const std::string& address, const Recipient& recipient) {
    const bool is_reported = !recipient.reported_in.empty();
    if (recipient.copies.empty()) {
      if (!recipient.refused_to.empty()) return;
      ++judgement_.counts.lost;
      return blame(address + " has no copy");
    }
    std::size_t copies = 0;
    std::size_t settled = 0;  // after which nobody may send again
    for (const auto& [life, count] : recipient.copies) {
      copies += count;
      if (!is_in_window(life, recipient)) ++settled;
      if (count > 1) blame(address + " has several copies" + lives_of(recipient));
    }
    if (settled > (is_reported ? 0U : 1U)) {
      blame(address + (is_reported ? " is reported" : " has several copies") +
            ", and no kill explains it" + lives_of(recipient));
    }
    judgement_.counts.duplicates += copies - 1;
  }

  void count_window(const std::string& message, const Recipient& recipient) {
    if (recipient.copies.size() < 2 && recipient.reported_in.empty()) return;
    for (const auto& [life, count] : recipient.copies) {
      if (is_in_window(life, recipient)) in_window_[life].insert(message);
    }
  }

  [[nodiscard]] bool is_in_window(Life life, const Recipient& recipient) const {
    return killed_.contains(life) && !recipient.recorded_by.contains(life);
  }

  [[nodiscard]] std::string lives_of(const Recipient& recipient) const {
    std::string text;
    for (const auto& [life, count] : recipient.copies) {
      text += text.empty() ? ": " : ", ";
      text += std::to_string(count) + " by life " + std::to_string(life);
      text += killed_.contains(life) ? "" : ", which was not killed";
      text += recipient.recorded_by.contains(life) ? ", which has recorded it" : "";
    }
    return text;
  }

  const std::set<Life>& killed_;
  Judgement judgement_;
  std::map<Life, std::set<std::string>> in_window_;
};

Judgement Ledger::judge(std::size_t sessions) const {
  Judging judging(*this);
  for (const auto& [name, message] : messages_) {
    if (message.was_submitted()) judging.judge(name, message);
  }
  return std::move(judging).judgement(sessions);
}

}  // namespace postern::kill
