// What clients and operators do in a World.
#include <array>
#include <utility>

#include <fmt/format.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/simulation/world.h"

namespace postern::simulation {
namespace {

using namespace std::chrono_literals;

/// Mostly one, seldom many.
std::size_t draw_count(Chance& chance) {
  if (chance.one_in(2)) return 1;
  return chance.one_in(5) ? 1 + chance.below(20) : 1 + chance.below(4);
}

}  // namespace

Span World::some_time(Span most) {
  return std::chrono::milliseconds{
      chance_.below(static_cast<std::size_t>(most / std::chrono::milliseconds{1}) + 1)};
}

void World::plan() {
  begun_ = clock_.now();
  end_of_trouble_ = begun_ + 2 * day_.longest;
  submissions_left_ = day_.lives;
  plan_each(day_.lives, &World::submit);
  plan_each(day_.cancels, &World::cancel);
  plan_each(day_.holds, &World::hold);
  plan_each(day_.retries, &World::retry);
  plan_each(day_.flushes, &World::flush);
  plan_each(day_.clock_jumps, &World::set_clock);
  plan_each(day_.crashes, &World::die);
  plan_each(day_.restarts, &World::ask_for_restart);
}

void World::plan_each(std::size_t times, void (World::*what)()) {
  for (std::size_t i = 0; i < times; ++i) {
    agenda_.after(some_time(day_.longest), [this, what] { (this->*what)(); });
  }
}

void World::submit() {
  --submissions_left_;
  Life life;
  life.number = ledger_.lives().size();
  const auto message = draw_message(life);
  life.entry = client_->submit(client_->folder(mapi::SpecialFolder::outbox), message);
  trace_.note(life.number, [&] {
    return fmt::format("life {} is submitted for {} recipients, the last {}", life.number,
                       life.recipients.size(), life.recipients.back().address);
  });
  ledger_.add(std::move(life));
}

mapi::Message World::draw_message(Life& life) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, Ledger::subject_of(life.number));
  message.set(mapi::PR_BODY, chance_.one_in(5)   ? std::string(chance_.below(6000), 'x')
                             : chance_.one_in(4) ? "Gr\u00fc\u00dfe.\r\n.\r\n"
                                                 : "Good morning.\r\n");
  mapi::set_address(message, mapi::sender_group, fmt::format("s{}@home.example", life.number));
  draw_recipients(life, message);
  draw_place(life, message);
  draw_times(life, message);
  return message;
}

void World::draw_recipients(Life& life, mapi::Message& message) {
  using mapi::RecipientType;
  constexpr std::array types{RecipientType::to, RecipientType::to, RecipientType::cc,
                             RecipientType::bcc};
  const bool for_all = chance_.one_in(2);
  const bool wants_success = chance_.one_in(3);
  const bool wants_failure = !chance_.one_in(5);
  if (for_all) {
    message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, wants_success);
    message.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, wants_failure);
  }
  const auto count = draw_count(chance_);
  for (std::size_t i = 0; i < count; ++i) {
    RecipientLife recipient;
    recipient.address = Ledger::address_of(life.number, i, network_.some_domain());
    recipient.wants_delivery_report = for_all ? wants_success : chance_.one_in(3);
    recipient.wants_non_delivery_report = for_all ? wants_failure : !chance_.one_in(5);
    const auto type = i == 0 ? RecipientType::to : chance_.pick(types);
    recipient.is_blind = type == RecipientType::bcc;
    auto row = mapi::make_recipient(type, recipient.address);
    if (!for_all) {
      row.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, recipient.wants_delivery_report);
      row.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED,
              recipient.wants_non_delivery_report);
    }
    message.recipients.push_back(std::move(row));
    life.recipients.push_back(std::move(recipient));
  }
}

/// A folder for sent mail may be gone when the message was sent.
void World::draw_place(Life& life, mapi::Message& message) {
  const bool is_deleted = chance_.one_in(5);
  if (chance_.one_in(2)) {
    auto folder = client_->folder(mapi::SpecialFolder::sent_items);
    life.afterwards = Afterwards::moves;
    if (chance_.one_in(10)) {
      const auto parent = client_->folder(mapi::SpecialFolder::ipm_subtree);
      folder = client_->create_folder(parent, fmt::format("of life {}", life.number));
      client_->delete_folder(folder, mapi::FolderDeletion::only_if_empty);
      life.afterwards = Afterwards::stays;
    }
    message.set(mapi::PR_SENTMAIL_ENTRYID, folder.bytes);
  }
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, is_deleted);
  if (is_deleted) life.afterwards = Afterwards::is_deleted;
}

void World::draw_times(Life& life, mapi::Message& message) {
  const auto later = [&](std::size_t minutes) {
    return clock_.wall() + std::chrono::minutes{1 + chance_.below(minutes)};
  };
  if (chance_.one_in(10)) message.set(mapi::PR_DEFERRED_SEND_TIME, later(600));
  if (chance_.one_in(20)) message.set(mapi::PR_DEFERRED_DELIVERY_TIME, later(300));
  life.submitted = clock_.now();
  life.has_end = chance_.one_in(12);
  if (life.has_end) message.set(mapi::PR_LATEST_DELIVERY_TIME, later(900));
}

mapi::EntryId World::some_entry() {
  return ledger_.lives().empty() ? mapi::EntryId{} : chance_.pick(ledger_.lives()).entry;
}

/// By the client, or, while the message is being sent, by the spooler.
void World::cancel() {
  const auto entry = some_entry();
  Life* const life = ledger_.find(entry);
  if (life == nullptr) return;
  try {
    life->was_asked_to_cancel = true;
    client_->abort_submit(entry);
    ledger_.cancelled(entry);
    trace_.note(life->number, [] { return "a client cancels it"; });
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_UNABLE_TO_ABORT) return;
    engine_->cancel(entry);
    network_is_due_ = true;
    trace_.note(life->number, [] { return "the spooler is asked to cancel it"; });
  }
}

void World::hold() {
  const auto entry = some_entry();
  if (entry.empty() || !client_->queue_row(entry)) return;
  client_->set_on_hold(entry, true);
  trace_.note(ledger_.find(entry)->number, [] { return "an operator holds it"; });
  ++holds_left_;
  agenda_.after(some_time(10h), [this, entry] {
    --holds_left_;
    if (!client_->queue_row(entry)) return;
    client_->set_on_hold(entry, false);
    trace_.note(ledger_.find(entry)->number, [] { return "an operator releases it"; });
  });
}

void World::retry() {
  trace_.note(std::nullopt, [] { return "an operator wants all to be tried now"; });
  client_->retry_now();
}

void World::flush() {
  trace_.note(std::nullopt, [] { return "an operator flushes the queue"; });
  try {
    engine_->flush();
  } catch (const mapi::Failure& failure) {  // the disk's
    trace_.note(std::nullopt, [&] { return failure.what(); });
  }
  network_is_due_ = true;
}

void World::set_clock() {
  constexpr std::array<Span, 6> distances{-12h, -1h, -5min, 5min, 3h, 30h};
  const auto distance = chance_.pick(distances);
  ledger_.figures().add(Count::clock_jumps);
  trace_.note(std::nullopt,
              [&] { return fmt::format("the wall clock is set by {} minutes", distance / 1min); });
  clock_.set_wall_by(distance);
  is_awake_ = true;
}

void World::die() {
  disk_.die();
}

void World::ask_for_restart() {
  wants_restart_ = true;
}

}  // namespace postern::simulation
