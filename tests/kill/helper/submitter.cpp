#include "tests/kill/helper/submitter.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/kill/letter.h"
#include "tests/store/power_loss/dice.h"

namespace postern::kill {
namespace {

using store::test::Dice;

/// So many messages wait at most, as far as submitters see that in time; each life has its own
/// limit, so that spoolers now find more than they can take, and now nothing.
constexpr std::size_t longest_queue = 16;
constexpr std::chrono::milliseconds between_looks{3};

class DyingReader final : public mapi::ContentReader {
 public:
  DyingReader(std::unique_ptr<mapi::ContentReader> inner, DyingPoints& points)
      : inner_(std::move(inner)), points_(points) {}
  std::size_t read(std::span<std::byte> into) override {
    return points_.around(Call::read_content, [&] { return inner_->read(into); });
  }

 private:
  std::unique_ptr<mapi::ContentReader> inner_;
  DyingPoints& points_;
};

class DyingContent final : public mapi::ContentSource {
 public:
  DyingContent(std::size_t size, DyingPoints& points)
      : octets_(mapi::Content::from_bytes(std::vector<std::byte>(size, std::byte{7}))),
        points_(points) {}
  [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<DyingReader>(octets_.open(), points_);
  }

 private:
  mapi::Content octets_;
  DyingPoints& points_;
};

Destiny any_destiny(Dice& dice) {
  const auto kind = dice.below(10);
  if (kind < 5) return Destiny::accepted;
  if (kind < 7) return Destiny::refused;
  return kind < 9 ? Destiny::moved : Destiny::delayed;
}

/// A little that goes with the commit, or much that is brought into the store before it.
mapi::Attachment any_attachment(Dice& dice, DyingPoints& points) {
  const std::size_t size = dice.chance(15) ? 300'000 : 3'000;
  return mapi::make_attachment("data", mapi::Content(std::make_shared<DyingContent>(size, points)));
}

void choose_end(Dice& dice, const mapi::EntryId& sent_items, mapi::Message& letter) {
  if (dice.chance(30)) letter.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  if (dice.chance(30)) letter.set(mapi::PR_SENTMAIL_ENTRYID, sent_items.bytes);
}

class Submitter {
 public:
  Submitter(mapi::MsgStore& store, DyingPoints& points, const std::string& mailbox)
      : store_(store), points_(points), mailbox_(mailbox) {}

  void submit(const std::string& name, Dice& dice) {
    auto letter = make(name, dice);
    std::string addresses;
    for (const auto& row : letter.recipients) addresses += ' ' + mapi::address_text(row);
    const bool is_draft_first = dice.chance(30);
    tell("begins " + name + ' ' + mailbox_ + addresses);
    if (is_draft_first) {
      submit_draft(std::move(letter), name);
    } else {
      points_.around(Call::submit, [&] {
        store_.submit(outbox_, std::move(letter));
        tell("acknowledged " + name);
      });
    }
  }

 private:
  mapi::Message make(const std::string& name, Dice& dice) {
    mapi::Message letter;
    letter.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
    letter.set(mapi::PR_SUBJECT, name);
    letter.set(mapi::PR_BODY, "Dear all,\r\n" + last_line_of(name) + "\r\n");
    letter.set(mapi::PR_INTERNET_MESSAGE_ID, message_id_of(name));
    mapi::set_address(letter, mapi::sender_group, mailbox_ + "@client.test");
    const auto count = dice.between(1, 4);
    for (std::size_t row = 0; row < count; ++row) {
      letter.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to,
                                                       make_address(any_destiny(dice), row, name)));
    }
    if (dice.chance(30)) letter.attachments.push_back(any_attachment(dice, points_));
    choose_end(dice, sent_items_, letter);
    return letter;
  }

  void submit_draft(mapi::Message letter, const std::string& name) {
    const auto draft = points_.around(
        Call::create_message, [&] { return store_.create_message(outbox_, std::move(letter)); });
    points_.around(Call::submit_draft, [&] {
      draft->submit_message();
      tell("acknowledged " + name);
    });
  }

  mapi::MsgStore& store_;
  DyingPoints& points_;
  const std::string mailbox_;
  const mapi::EntryId outbox_ = store_.folder(mapi::SpecialFolder::outbox);
  const mapi::EntryId sent_items_ = store_.folder(mapi::SpecialFolder::sent_items);
};

}  // namespace

void submit_without_end(mapi::MsgStore& store, DyingPoints& points, const std::string& mailbox,
                        Life life, std::uint64_t seed) {
  Submitter submitter(store, points, mailbox);
  Dice dice(seed);
  const auto limit = dice.between(1, longest_queue);
  for (int serial = 0;; ++serial) {
    while (store.outgoing_queue(std::nullopt, limit).size() == limit) {
      std::this_thread::sleep_for(between_looks);
    }
    submitter.submit(mailbox + '-' + std::to_string(life) + '-' + std::to_string(serial), dice);
  }
}

}  // namespace postern::kill
