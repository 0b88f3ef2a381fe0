#include "tests/store/power_loss/letters.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::store::test {
namespace {

/// How long texts and attachments are, each range as often as the table says.
struct Length {
  unsigned weight;
  std::uint64_t least;
  std::uint64_t most;
};
constexpr std::array body_lengths{Length{70, 0, 300}, Length{25, 1'500, 9'000},
                                  Length{5, 9'000, 60'000}};
constexpr std::array attachment_lengths{
    Length{500, 0, 4'000},        Length{300, 4'000, 60'000},      Length{110, 60'000, 262'144},
    Length{80, 262'145, 600'000}, Length{8, 1'048'577, 1'300'000}, Length{2, 4'194'305, 4'800'000}};

std::uint64_t random_length(Dice& dice, std::span<const Length> lengths) {
  unsigned sum = 0;
  for (const auto& length : lengths) sum += length.weight;
  auto at = dice.below(sum);
  for (const auto& length : lengths) {
    if (at < length.weight) return dice.between(length.least, length.most);
    at -= length.weight;
  }
  return 0;
}

/// Octets that attachments are cut out of.
std::shared_ptr<const std::vector<std::byte>> octet_supply() {
  static const auto supply = [] {
    constexpr std::size_t size = 5 << 20;
    Dice dice(1);
    auto octets = std::make_shared<std::vector<std::byte>>(size);
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size; at += sizeof(std::uint64_t)) {
      const auto word = dice.seed();
      std::ranges::copy(std::as_bytes(std::span(&word, 1)),
                        octets->begin() + static_cast<std::ptrdiff_t>(at));
    }
    return std::shared_ptr<const std::vector<std::byte>>(std::move(octets));
  }();
  return supply;
}

std::string random_text(Dice& dice) {
  const auto length = random_length(dice, body_lengths);
  std::string text;
  while (text.size() < length) text += "line " + std::to_string(dice.below(1'000'000)) + "\n";
  text.resize(length);
  return text;
}

mapi::Attachment random_attachment(Dice& dice) {
  const auto supply = octet_supply();
  const auto length = random_length(dice, attachment_lengths);
  const auto at = dice.below(supply->size() - length);
  return mapi::make_attachment(
      "data " + std::to_string(dice.below(1'000)),
      mapi::Content::from_memory(supply, std::span(*supply).subspan(at, length)));
}

mapi::Attachment random_embedded(Dice& dice) {
  mapi::Message embedded;
  embedded.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  embedded.set(mapi::PR_SUBJECT, "enclosed");
  embedded.set(mapi::PR_BODY, random_text(dice));
  if (dice.chance(50)) embedded.attachments.push_back(random_attachment(dice));
  return mapi::make_attachment(std::move(embedded));
}

void add_attachment(Dice& dice, mapi::Message& letter) {
  letter.attachments.push_back(dice.chance(10) ? random_embedded(dice) : random_attachment(dice));
}

mapi::Recipient random_recipient(Dice& dice) {
  const auto number = std::to_string(dice.below(1'000));
  return mapi::make_recipient(mapi::RecipientType::to, "r" + number + "@example.com",
                              "Recipient " + number);
}

bool is_own(const mapi::Recipient& row) {
  return std::ranges::any_of(own_mailboxes, [&row](const char* mailbox) {
    return row.get(mapi::PR_EMAIL_ADDRESS) == own_address_of(mailbox);
  });
}

void forget_outcome(mapi::Recipient& row) {
  mapi::clear_outcome(row);
  row.erase(mapi::PR_POSTERN_REPORTED);
}

void forget_attempts(mapi::Message& letter) {
  letter.erase(mapi::PR_POSTERN_RETRIES);
  letter.erase(mapi::PR_POSTERN_TRANSCRIPT);
}

}  // namespace

std::string own_address_of(const std::string& mailbox) {
  return mailbox + "@here.example";
}

mapi::Message random_letter(Dice& dice, const std::string& subject) {
  mapi::Message letter;
  letter.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  letter.set(mapi::PR_SUBJECT, subject);
  letter.set(mapi::PR_BODY, random_text(dice));
  for (auto rows = dice.chance(5) ? dice.between(17, 40) : dice.between(1, 4); rows > 0; --rows) {
    letter.recipients.push_back(random_recipient(dice));
  }
  for (const auto* mailbox : own_mailboxes) {
    if (!dice.chance(15)) continue;
    letter.recipients.push_back(
        mapi::make_recipient(mapi::RecipientType::to, own_address_of(mailbox)));
  }
  while (dice.chance(40)) add_attachment(dice, letter);
  return letter;
}

mapi::Message random_report(Dice& dice, const std::string& subject) {
  mapi::Message report;
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  report.set(mapi::PR_SUBJECT, subject);
  report.set(mapi::PR_BODY, random_text(dice));
  report.recipients.push_back(random_recipient(dice));
  if (dice.chance(20)) report.attachments.push_back(random_embedded(dice));
  return report;
}

void change_letter(Dice& dice, mapi::Message& letter) {
  switch (dice.below(6)) {
    case 0:
      letter.set(mapi::PR_BODY, random_text(dice));
      break;
    case 1:
      letter.recipients.push_back(random_recipient(dice));
      break;
    case 2:
      if (letter.recipients.size() > 1) letter.recipients.erase(letter.recipients.begin());
      break;
    case 3:
      add_attachment(dice, letter);
      break;
    case 4:
      if (!letter.attachments.empty()) letter.attachments.pop_back();
      break;
    default:
      letter.set(mapi::PR_PRIORITY, static_cast<std::int32_t>(dice.below(3)) - 1);
  }
}

void record_attempt(Dice& dice, mapi::Message& letter) {
  letter.set(mapi::PR_POSTERN_RETRIES, letter.get_or(mapi::PR_POSTERN_RETRIES, 0) + 1);
  if (dice.chance(50)) letter.set(mapi::PR_POSTERN_TRANSCRIPT, random_text(dice));
  for (auto& row : letter.recipients) {
    if (is_own(row) || dice.chance(50)) continue;
    row.set(mapi::PR_RESPONSIBILITY, true);
    row.set(mapi::PR_POSTERN_ATTEMPTS, row.get_or(mapi::PR_POSTERN_ATTEMPTS, 0) + 1);
  }
}

mapi::Message as_submitted(mapi::Message letter) {
  forget_attempts(letter);
  for (auto& row : letter.recipients) {
    forget_outcome(row);
    row.set(mapi::PR_RESPONSIBILITY, is_own(row));
  }
  return letter;
}

mapi::Message as_delivered(mapi::Message letter) {
  forget_attempts(letter);
  letter.erase(mapi::PR_SENTMAIL_ENTRYID);
  letter.erase(mapi::PR_DELETE_AFTER_SUBMIT);
  for (auto& row : letter.recipients) {
    forget_outcome(row);
    row.erase(mapi::PR_RESPONSIBILITY);
  }
  return letter;
}

bool is_addressed_to(const mapi::Message& letter, const std::string& mailbox) {
  return std::ranges::any_of(letter.recipients, [&](const mapi::Recipient& row) {
    return row.get(mapi::PR_EMAIL_ADDRESS) == own_address_of(mailbox);
  });
}

}  // namespace postern::store::test
