#include "tests/simulation/ledger.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::simulation {
namespace {

constexpr EnhancedStatus too_late{4, 4, 7};
constexpr EnhancedStatus no_such_domain{5, 1, 2};

/// The number at the front of the text, which is taken off it.
std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string address_in(const mapi::Recipient& row) {
  return std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
}

bool is_settled(const mapi::Recipient& row) {
  return row.get_or(mapi::PR_RESPONSIBILITY, false);
}

bool contains(const std::vector<int>& numbers, int number) {
  return std::ranges::find(numbers, number) != numbers.end();
}

}  // namespace

std::string Ledger::address_of(std::size_t life, std::size_t recipient, std::string_view domain) {
  return fmt::format("l{}r{}@{}", life, recipient, domain);
}

std::string Ledger::subject_of(std::size_t life) {
  return fmt::format("life {}", life);
}

Ledger::Found Ledger::find(std::string_view address) {
  if (!address.starts_with('l')) return {};
  address.remove_prefix(1);
  const auto life = take_number(address);
  if (!life || *life >= lives_.size() || !address.starts_with('r')) return {};
  address.remove_prefix(1);
  const auto recipient = take_number(address);
  auto& recipients = lives_[*life].recipients;
  if (!recipient || *recipient >= recipients.size()) return {};
  return {&lives_[*life], &recipients[*recipient]};
}

Life& Ledger::add(Life life) {
  figures_.add(Count::lives);
  figures_.add(Count::recipients, life.recipients.size());
  numbers_[life.entry] = life.number;
  return lives_.emplace_back(std::move(life));
}

Life* Ledger::find(const mapi::EntryId& entry) {
  const auto found = numbers_.find(entry);
  return found == numbers_.end() ? nullptr : &lives_[found->second];
}

/// A further delivery is right only where the final reply of the one before was lost on its way, or
/// with the spooler's memory.
std::optional<std::size_t> Ledger::accepted(std::string_view address, bool promises_report,
                                            std::string_view content) {
  const auto [life, recipient] = find(address);
  if (life == nullptr) {
    add_fault(std::nullopt, fmt::format("a server has a message for {}, who has none", address));
    return std::nullopt;
  }
  check_content(*life, content);
  if (recipient->saved) {
    add_fault(life->number, fmt::format("{} was served after the verdict was saved", address));
  }
  if (life->is_cancelled) {
    add_fault(life->number, fmt::format("{} was served after the message was cancelled", address));
  }
  auto& acceptances = recipient->acceptances;
  if (!acceptances.empty()) {
    figures_.add(Count::duplicates);
    if (is_certain(acceptances.back())) {
      add_fault(life->number,
                fmt::format("{} was served again although the final reply was heard", address));
    }
  }
  acceptances.push_back({.crashes = crashes_, .promises_report = promises_report});
  return acceptances.size() - 1;
}

/// The spooler knows of it.
bool Ledger::is_certain(const Acceptance& acceptance) const {
  return acceptance.is_heard && !acceptance.is_doubtful && acceptance.crashes == crashes_;
}

void Ledger::check_content(const Life& life, std::string_view content) {
  const auto subject = "Subject: " + subject_of(life.number) + "\r\n";
  if (content.find(subject) == std::string_view::npos) {
    add_fault(life.number, "its recipients got another message");
  }
  for (const auto& recipient : life.recipients) {
    if (recipient.is_blind && content.find(recipient.address) != std::string_view::npos) {
      add_fault(life.number, recipient.address + " is a blind copy and stands in the content");
    }
  }
}

void Ledger::heard(std::string_view address, std::size_t acceptance, bool with_garbage) {
  auto& heard = find(address).recipient->acceptances.at(acceptance);
  heard.is_heard = true;
  heard.is_doubtful = with_garbage;
}

void Ledger::refused(std::string_view address, int code) {
  const auto [life, recipient] = find(address);
  if (recipient != nullptr && !contains(recipient->refusals, code)) {
    recipient->refusals.push_back(code);
  }
}

void Ledger::refused_all(std::size_t life, int code) {
  if (life >= lives_.size()) return;
  for (const auto& recipient : lives_[life].recipients) refused(recipient.address, code);
}

void Ledger::saved(const mapi::Message& message) {
  for (const auto& row : message.recipients) {
    const auto [life, recipient] = find(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
    if (life != nullptr) save(*life, *recipient, row);
  }
}

void Ledger::save(Life& life, RecipientLife& recipient, const mapi::Recipient& row) {
  if (!is_settled(row)) {
    if (recipient.saved) add_fault(life.number, recipient.address + " has lost its verdict");
    return;
  }
  if (recipient.saved) return;
  recipient.saved = mapi::outcome(row);
  if (!recipient.saved) {
    recipient.saved.emplace();
    add_fault(life.number, recipient.address + " was settled without an outcome");
    return;
  }
  const Outcome& outcome = *recipient.saved;
  const bool is_any_heard = std::ranges::any_of(recipient.acceptances, &Acceptance::is_heard);
  if (outcome.verdict == Verdict::delivered && !is_any_heard) {
    add_fault(life.number, recipient.address + " was saved as delivered, which nobody has said");
  }
  if (outcome.verdict == Verdict::failed) check_failure(life, recipient);
}

/// Failed is who was refused for good, whose time is up, and whose domain there is not.
void Ledger::check_failure(const Life& life, const RecipientLife& recipient) {
  const Outcome& outcome = *recipient.saved;
  if (!recipient.acceptances.empty() && is_certain(recipient.acceptances.back())) {
    add_fault(life.number, recipient.address + " was saved as failed, and was served");
  }
  if (outcome.status == too_late) {
    if (rules_.may_expire(life)) return;
    add_fault(life.number, recipient.address + " was given up before its time");
  } else if (outcome.has_reply()) {
    if (contains(recipient.refusals, outcome.code)) return;
    add_fault(life.number, fmt::format("{} was saved as failed with {}, which nobody has said",
                                       recipient.address, outcome.code));
  } else if (outcome.status != no_such_domain) {
    add_fault(life.number, fmt::format("{} was saved as failed without a reason: {}",
                                       recipient.address, outcome.text));
  }
}

void Ledger::finished(const mapi::EntryId& entry) {
  if (Life* const life = find(entry)) life->is_finished = true;
}

void Ledger::cancelled(const mapi::EntryId& entry) {
  Life* const life = find(entry);
  if (life == nullptr) return;
  life->is_cancelled = true;
  if (!life->was_asked_to_cancel) {
    add_fault(life->number, "it was cancelled, which nobody has asked for");
  }
}

void Ledger::check(const Life& life, const Remains& remains,
                   const std::map<std::string, Reports, std::less<>>& reports) {
  check_place(life, remains);
  if (life.is_cancelled) figures_.add(Count::cancelled);
  for (const auto& row : remains.rows) {
    const auto [owner, recipient] = find(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
    if (recipient != nullptr) check_row(life, *recipient, row);
  }
  for (const auto& recipient : life.recipients) {
    if (!recipient.saved && !life.is_cancelled) {
      figures_.add(Count::lost);
      add_fault(life.number, recipient.address + " has neither a delivery nor a failure");
    }
    const bool is_delivered = recipient.saved && recipient.saved->verdict == Verdict::delivered;
    const bool has_failed = recipient.saved && recipient.saved->verdict == Verdict::failed;
    if (is_delivered) figures_.add(Count::delivered);
    if (has_failed) figures_.add(Count::failed);
    if (has_failed && recipient.saved->status == too_late) figures_.add(Count::expired);
    const auto found = reports.find(recipient.address);
    check_reports(life, recipient, found == reports.end() ? Reports{} : found->second);
  }
}

void Ledger::check_place(const Life& life, const Remains& remains) {
  if (remains.is_queued) add_fault(life.number, "it is still queued");
  if (life.is_cancelled) {
    if (!remains.exists) add_fault(life.number, "it was cancelled and is gone");
    return;
  }
  if (!life.is_finished) return add_fault(life.number, "it was never finished");
  const bool is_deleted = life.afterwards == Afterwards::is_deleted;
  if (remains.exists == is_deleted) {
    add_fault(life.number, is_deleted ? "it was to be deleted" : "it was deleted");
  }
  if (remains.exists && remains.is_in_sent_folder != (life.afterwards == Afterwards::moves)) {
    add_fault(life.number, "it is not in the folder for it");
  }
}

void Ledger::check_row(const Life& life, const RecipientLife& recipient,
                       const mapi::Recipient& row) {
  if (is_settled(row) != recipient.saved.has_value()) {
    return add_fault(life.number, address_in(row) + " has another verdict than was saved");
  }
  if (recipient.saved && mapi::outcome(row)->verdict != recipient.saved->verdict) {
    add_fault(life.number, address_in(row) + " has another verdict than was saved first");
  }
}

/// Who has taken a message back may miss what became of it meanwhile.
void Ledger::check_reports(const Life& life, const RecipientLife& recipient,
                           const Reports& reports) {
  figures_.add(Count::non_delivery_reports, static_cast<std::uint64_t>(reports.non_delivery));
  figures_.add(Count::delivery_reports, static_cast<std::uint64_t>(reports.delivery));
  figures_.add(Count::delay_reports, static_cast<std::uint64_t>(reports.delay));
  const auto* const saved = recipient.saved ? &*recipient.saved : nullptr;
  const bool is_delivered = saved != nullptr && saved->verdict == Verdict::delivered;
  const bool has_failed = saved != nullptr && saved->verdict == Verdict::failed;
  const bool is_promised = is_delivered && saved->next_hop_reports;
  const int non_delivery = has_failed && recipient.wants_non_delivery_report ? 1 : 0;
  const int delivery = is_delivered && recipient.wants_delivery_report && !is_promised ? 1 : 0;
  const auto expect = [&](const char* kind, int found, int wanted) {
    if (found == wanted || (life.is_cancelled && found == 0)) return;
    figures_.add(Count::report_faults);
    add_fault(life.number, fmt::format("{} has {} {} reports, and not {}", recipient.address, found,
                                       kind, wanted));
  };
  expect("non-delivery", reports.non_delivery, non_delivery);
  expect("delivery", reports.delivery, delivery);
  if (reports.delay > (recipient.wants_non_delivery_report ? 1 : 0)) {
    expect("delay", reports.delay, 1);
  }
  if (is_delivered && !is_promised && !rules_.reports_all_deliveries &&
      std::ranges::all_of(recipient.acceptances, &Acceptance::promises_report)) {
    add_fault(life.number, recipient.address + " was reported on as its server will do, too");
  }
  if (is_promised && std::ranges::none_of(recipient.acceptances, &Acceptance::promises_report)) {
    add_fault(life.number, recipient.address + " waits for a report that no server has promised");
  }
}

}  // namespace postern::simulation
