#include "catcher/behaviour.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace postern::catcher {

namespace {

enum class Number { code, times, seconds };

struct BehaviourRow {
  std::string_view name;
  Act act;
  Number number;
  std::optional<int> without_number;  ///< of the bare name; nullopt: the name needs a number
  bool at_mail;                       ///< also as a sender's name
  std::string_view shown;
  std::string_view effect;
};

constexpr std::array rows{
    BehaviourRow{"refuse", Act::refuse, Number::code, std::nullopt, true, "refuse-550@",
                 "refused with that code (any 4yz or 5yz); as a sender: at MAIL"},
    BehaviourRow{"refuse-data", Act::refuse_content, Number::code, std::nullopt, false,
                 "refuse-data-554@", "the content is read, then refused with that code"},
    BehaviourRow{"greylist", Act::greylist, Number::times, 1, false, "greylist@",
                 "450 4.7.1 the first time, then accepted; greylist-3@: three times"},
    BehaviourRow{"drop", Act::drop, Number::times, 0, true, "drop@",
                 "the connection is closed at RCPT; as a sender: at MAIL"},
    BehaviourRow{"drop-data", Act::drop_content, Number::times, 0, false, "drop-data@",
                 "the connection is closed in the middle of the content"},
    BehaviourRow{
        "drop-end", Act::drop_end, Number::times, 0, false, "drop-end@",
        "the message is kept, the connection closed without a reply;\n"
        "                    drop-2@, drop-data-2@, drop-end-2@: the first two times only"},
    BehaviourRow{"slow", Act::wait, Number::seconds, std::nullopt, true, "slow-5@",
                 "answered after 5 seconds; as a sender: at MAIL"},
};

bool in_range(Number kind, int number) {
  switch (kind) {
    case Number::code:
      return number >= 400 && number <= 599;
    case Number::times:
      return number >= 1;
    case Number::seconds:
      return number <= 600;
  }
  return false;
}

std::optional<int> decimal(std::string_view text) {
  int number = 0;
  if (text.empty() || text.size() > 6 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<Behaviour> match(const BehaviourRow& row, std::string_view name) {
  if (name == row.name && row.without_number) return Behaviour{row.act, *row.without_number};
  if (!name.starts_with(row.name)) return std::nullopt;
  name.remove_prefix(row.name.size());
  if (!name.starts_with('-')) return std::nullopt;
  const auto number = decimal(name.substr(1));
  if (!number || !in_range(row.number, *number)) return std::nullopt;
  return Behaviour{row.act, *number};
}

std::optional<Behaviour> behaviour(std::string_view address, bool at_mail) {
  const std::string name = lower_case(address.substr(0, address.find_first_of(".+@")));
  for (const BehaviourRow& row : rows) {
    if (at_mail && !row.at_mail) continue;
    if (const auto found = match(row, name)) return found;
  }
  return std::nullopt;
}

struct Refusal {
  RefusalStage stage;
  int code;
  std::string_view status;
  std::string_view sentence;
};

constexpr std::array refusals{
    Refusal{RefusalStage::mail, 421, "4.3.2", "come back later, closing the connection"},
    Refusal{RefusalStage::mail, 450, "4.1.8", "this sender's domain cannot be looked up just now"},
    Refusal{RefusalStage::mail, 451, "4.3.0", "something is wrong here, please try again"},
    Refusal{RefusalStage::mail, 452, "4.3.1", "no room here at the moment"},
    Refusal{RefusalStage::mail, 530, "5.7.0", "authenticate first"},
    Refusal{RefusalStage::mail, 550, "5.7.1", "mail from this sender is not wanted here"},
    Refusal{RefusalStage::mail, 552, "5.3.4", "the message is too big"},
    Refusal{RefusalStage::mail, 553, "5.1.7", "this sender's address is not acceptable"},
    Refusal{RefusalStage::mail, 554, "5.7.1", "mail from this sender is not wanted here"},
    Refusal{RefusalStage::rcpt, 421, "4.3.2", "come back later, closing the connection"},
    Refusal{RefusalStage::rcpt, 450, "4.2.1", "this mailbox is busy, please try again"},
    Refusal{RefusalStage::rcpt, 451, "4.3.0", "something is wrong here, please try again"},
    Refusal{RefusalStage::rcpt, 452, "4.2.2", "this mailbox is full at the moment"},
    Refusal{RefusalStage::rcpt, 550, "5.1.1", "no such user here"},
    Refusal{RefusalStage::rcpt, 551, "5.1.6", "this user has moved away"},
    Refusal{RefusalStage::rcpt, 552, "5.2.2", "this mailbox is full"},
    Refusal{RefusalStage::rcpt, 553, "5.1.3", "this is no name for a mailbox"},
    Refusal{RefusalStage::rcpt, 554, "5.7.1", "mail for this recipient is not wanted here"},
    Refusal{RefusalStage::rcpt, 556, "5.1.10", "this domain takes no mail"},
    Refusal{RefusalStage::content, 421, "4.3.2", "come back later, closing the connection"},
    Refusal{RefusalStage::content, 450, "4.7.1", "the content has to wait, please try again"},
    Refusal{RefusalStage::content, 451, "4.3.0", "something is wrong here, please try again"},
    Refusal{RefusalStage::content, 452, "4.3.1", "no room here at the moment"},
    Refusal{RefusalStage::content, 550, "5.7.1", "the content is not wanted here"},
    Refusal{RefusalStage::content, 552, "5.3.4", "the message is too big"},
    Refusal{RefusalStage::content, 554, "5.7.1", "the content is not wanted here"},
};

}  // namespace

std::optional<Behaviour> recipient_behaviour(std::string_view address) {
  return behaviour(address, false);
}

std::optional<Behaviour> sender_behaviour(std::string_view address) {
  return behaviour(address, true);
}

std::string refusal_text(RefusalStage stage, int code, std::string_view address) {
  const auto known = std::find_if(refusals.begin(), refusals.end(), [&](const Refusal& refusal) {
    return refusal.stage == stage && refusal.code == code;
  });
  const std::string status =
      known != refusals.end() ? std::string(known->status) : std::to_string(code / 100) + ".0.0";
  const std::string_view sentence =
      known != refusals.end() ? known->sentence : "refused, as this name asks for";
  return status + " <" + std::string(address) + ">: " + std::string(sentence);
}

std::string behaviour_table() {
  std::string table;
  for (const BehaviourRow& row : rows) {
    std::string shown(row.shown);
    shown.resize(std::max<std::size_t>(shown.size(), 18), ' ');
    table += "  " + shown + std::string(row.effect) + "\n";
  }
  return table;
}

}  // namespace postern::catcher
