// The part of the dialogue that makes a message: MAIL, RCPT, DATA, BDAT, RSET and the content.
#include <algorithm>
#include <exception>
#include <utility>

#include "base/text.h"
#include "catcher/dialogue/command.h"
#include "catcher/dialogue/dialogue.h"
#include "catcher/dialogue/parameters.h"
#include "catcher/dialogue/reply.h"
#include "catcher/parse_count.h"

namespace postern::catcher {

namespace {

using Next = Reaction::Next;

/// RFC 5321 §4.5.3.1: a local part of 64 octets, "@", a domain of 255.
constexpr std::size_t maximum_address = 64 + 1 + 255;

/// What a recipient costs beside its octets: the structures that hold it.
constexpr std::size_t path_overhead = 64;

const std::string* find_value(const Path& path, std::string_view keyword) {
  const auto found =
      std::find_if(path.parameters.begin(), path.parameters.end(),
                   [&](const EsmtpParameter& parameter) { return parameter.keyword == keyword; });
  return found == path.parameters.end() ? nullptr : &found->value;
}

std::size_t weight(const Path& path) {
  std::size_t octets = path_overhead + path.address.size();
  for (const auto& [keyword, value] : path.parameters) {
    octets += path_overhead + keyword.size() + value.size();
  }
  return octets;
}

/// Behaviours that come to an end after a number of times.
bool ends_after_attempts(const Behaviour& behaviour) {
  const bool counted = behaviour.act == Act::greylist || behaviour.act == Act::drop ||
                       behaviour.act == Act::drop_content || behaviour.act == Act::drop_end;
  return counted && behaviour.number != 0;
}

}  // namespace

std::optional<Reaction> ServerDialogue::parameter_fault(const Path& path, bool mail) const {
  for (const EsmtpParameter& parameter : path.parameters) {
    const KnownParameter* known = find_parameter(parameter.keyword, mail);
    if (known == nullptr || !offers(known->extension)) {
      return answer(555, "5.5.4 the parameter " + parameter.keyword + " is not known here");
    }
    if (!known->valid(parameter.value) || find_value(path, parameter.keyword) != &parameter.value) {
      return answer(501, "5.5.4 the parameter " + parameter.keyword + " is malformed or repeated");
    }
  }
  return std::nullopt;
}

std::optional<Reaction> ServerDialogue::address_fault(const Path& path, bool utf8) const {
  if (path.address.size() > maximum_address) {
    return answer(501, "5.1.3 the address is too long");
  }
  if (is_ascii(path.address)) return std::nullopt;
  if (!utf8) return answer(553, "5.6.7 an address beyond ASCII needs SMTPUTF8");
  if (!is_utf8(path.address)) return answer(501, "5.1.3 the address is not UTF-8");
  return std::nullopt;
}

Reaction ServerDialogue::refuse(RefusalStage stage, int code, std::string_view address) {
  const std::string text = refusal_text(stage, code, address);
  note("was refused: " + std::to_string(code) + " " + text);
  return {reply(code, text), code == 421 ? Next::end : Next::command};
}

Reaction ServerDialogue::mail(std::string_view argument) {
  if (helo_.empty()) return answer(503, "5.5.1 say EHLO first");
  if (transaction_) return answer(503, "5.5.1 there is a sender already");
  if (options_.require_authentication && auth_user_.empty()) {
    return answer(530, "5.7.0 authenticate first");
  }
  auto sender = parse_path(argument, "FROM:");
  if (!sender) return answer(501, "5.5.4 the syntax is MAIL FROM:<address>");
  if (auto fault = parameter_fault(*sender, true)) return *fault;
  if (auto fault = address_fault(*sender, find_value(*sender, "SMTPUTF8") != nullptr)) {
    return *fault;
  }
  const std::string* size = find_value(*sender, "SIZE");
  if (size != nullptr && parse_count(*size).value_or(0) > maildrop_.maximum_size()) {
    return refuse(RefusalStage::mail, 552, sender->address);
  }
  return accept_sender(std::move(*sender));
}

/// The behaviour, unless it was to end after some times and this pair has had them.
std::optional<Behaviour> ServerDialogue::still_in_force(std::optional<Behaviour> behaviour,
                                                        std::string_view sender,
                                                        std::string_view recipient) {
  if (behaviour && ends_after_attempts(*behaviour) &&
      !attempts_.among_first(behaviour->number, sender, recipient)) {
    return std::nullopt;
  }
  return behaviour;
}

Reaction ServerDialogue::accept_sender(Path sender) {
  const auto behaviour = still_in_force(sender_behaviour(sender.address), sender.address, {});
  if (behaviour && behaviour->act == Act::refuse) {
    return refuse(RefusalStage::mail, behaviour->number, sender.address);
  }
  if (behaviour && behaviour->act == Act::drop) {
    note("is dropped at MAIL FROM:<" + sender.address + ">");
    return {"", Next::end};
  }
  MailTransaction transaction;
  transaction.draft = maildrop_.begin();
  if (!transaction.draft->reserve(weight(sender))) {
    return refuse(RefusalStage::mail, 452, sender.address);
  }
  Reaction reaction = answer(250, "2.1.0 <" + sender.address + ">: sender noted");
  if (behaviour) reaction.delay = std::chrono::seconds(behaviour->number);
  transaction.sender = std::move(sender);
  transaction_ = std::move(transaction);
  return reaction;
}

Reaction ServerDialogue::rcpt(std::string_view argument) {
  if (!transaction_) return answer(503, "5.5.1 name the sender first");
  auto recipient = parse_path(argument, "TO:");
  if (!recipient || recipient->address.empty()) {
    return answer(501, "5.5.4 the syntax is RCPT TO:<address>");
  }
  if (auto fault = parameter_fault(*recipient, false)) return *fault;
  if (auto fault =
          address_fault(*recipient, find_value(transaction_->sender, "SMTPUTF8") != nullptr)) {
    return *fault;
  }
  if (transaction_->recipients.size() >= options_.maximum_recipients) {
    return answer(452, "4.5.3 too many recipients for one message");
  }
  return accept_recipient(std::move(*recipient));
}

Reaction ServerDialogue::accept_recipient(Path recipient) {
  const auto behaviour = still_in_force(recipient_behaviour(recipient.address),
                                        transaction_->sender.address, recipient.address);
  Reaction reaction = answer(250, "2.1.5 <" + recipient.address + ">: welcome");
  if (behaviour) {
    switch (behaviour->act) {
      case Act::refuse:
        return refuse(RefusalStage::rcpt, behaviour->number, recipient.address);
      case Act::greylist:
        return greylist(recipient.address);
      case Act::drop:
        note("is dropped at RCPT TO:<" + recipient.address + ">");
        return {"", Next::end};
      case Act::wait:
        reaction.delay = std::chrono::seconds(behaviour->number);
        break;
      case Act::refuse_content:
      case Act::drop_content:
      case Act::drop_end:
        if (transaction_->on_content) break;
        transaction_->on_content = behaviour;
        transaction_->on_content_name = recipient.address;
        break;
    }
  }
  if (!transaction_->draft->reserve(weight(recipient))) {
    return refuse(RefusalStage::rcpt, 452, recipient.address);
  }
  transaction_->recipients.push_back(std::move(recipient));
  --commands_;
  return reaction;
}

Reaction ServerDialogue::greylist(std::string_view recipient) {
  const std::string text = "4.7.1 <" + std::string(recipient) + ">: greylisted, please try again";
  note("was refused: 450 " + text);
  return answer(450, text);
}

Reaction ServerDialogue::data(std::string_view) {
  if (!transaction_ || transaction_->chunked) {
    return answer(503, "5.5.1 there is no message DATA could belong to");
  }
  if (transaction_->recipients.empty()) return answer(554, "5.5.1 no valid recipients");
  return {reply(354, "end the content with a dot on a line of its own"), Next::content};
}

Reaction ServerDialogue::bdat(std::string_view argument) {
  const auto blank = argument.find(' ');
  const auto octets = parse_count(argument.substr(0, blank));
  const std::string_view last = blank == std::string_view::npos ? "" : argument.substr(blank + 1);
  if (!octets || (!last.empty() && upper_case(trim(last)) != "LAST")) {
    // How many octets follow is not known, so the dialogue cannot go on.
    return {reply(501, "5.5.4 the syntax is BDAT octets [LAST], closing the connection"),
            Next::end};
  }
  const bool refused = !transaction_ || transaction_->recipients.empty() || !offers("CHUNKING");
  if (!refused) transaction_->chunked = true;
  chunk_ = Chunk{*octets, !last.empty(), refused};
  return *octets == 0 ? chunk_ended() : Reaction{"", Next::content};
}

ServerDialogue::Taken ServerDialogue::content(std::string_view block) {
  const bool wanted = !chunk_ || !chunk_->refused;
  if (wanted && transaction_->on_content && transaction_->on_content->act == Act::drop_content) {
    note("is dropped in the middle of the content, for <" + transaction_->on_content_name + ">");
    return {block.size(), Reaction{"", Next::drop}};
  }
  if (chunk_) {
    const auto octets =
        static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), chunk_->left));
    if (wanted) transaction_->draft->append(block.substr(0, octets));
    chunk_->left -= octets;
    if (chunk_->left != 0) return {octets, std::nullopt};
    return {octets, chunk_ended()};
  }
  const std::size_t octets = transaction_->decoder.decode(
      block, [&](std::string_view decoded) { transaction_->draft->append(decoded); });
  if (!transaction_->decoder.ended()) return {octets, std::nullopt};
  return {octets, content_ended()};
}

Reaction ServerDialogue::chunk_ended() {
  const Chunk chunk = *std::exchange(chunk_, std::nullopt);
  if (chunk.refused) return answer(503, "5.5.1 there is no message this chunk could belong to");
  if (chunk.last) return content_ended();
  if (auto fault = draft_fault(transaction_->draft->state())) {
    transaction_.reset();
    return *fault;
  }
  return answer(250, "2.0.0 chunk received");
}

std::optional<Reaction> ServerDialogue::draft_fault(Maildrop::Draft::State state) {
  const std::string_view sender = transaction_->sender.address;
  switch (state) {
    case Maildrop::Draft::State::good:
      return std::nullopt;
    case Maildrop::Draft::State::too_big:
      return refuse(RefusalStage::content, 552, sender);
    case Maildrop::Draft::State::no_room:
      return refuse(RefusalStage::content, 452, sender);
    case Maildrop::Draft::State::write_failed:
      return refuse(RefusalStage::content, 451, sender);
  }
  return std::nullopt;
}

CaughtMessage ServerDialogue::envelope(const MailTransaction& transaction) const {
  CaughtMessage message;
  message.time = std::chrono::system_clock::now();
  message.client = client_;
  message.helo = helo_;
  message.extended = extended_;
  message.tls = tls_;
  message.auth_user = auth_user_;
  message.sender = transaction.sender;
  message.recipients = transaction.recipients;
  return message;
}

Reaction ServerDialogue::content_ended() {
  auto fault = draft_fault(transaction_->draft->state());
  const auto transaction = std::exchange(transaction_, std::nullopt);
  const auto& behaviour = transaction->on_content;
  if (fault) return *fault;
  if (behaviour && behaviour->act == Act::refuse_content) {
    return refuse(RefusalStage::content, behaviour->number, transaction->on_content_name);
  }
  CaughtMessage message;
  try {
    message = maildrop_.keep(*transaction->draft, envelope(*transaction));
  } catch (const std::exception& failure) {
    note(failure.what());
    return answer(451, "4.3.0 the message could not be kept, please try again");
  }
  commands_ = 0;
  const std::string number = std::to_string(message.number);
  note("left message " + number + " from <" + message.sender.address + "> for " +
       std::to_string(message.recipients.size()) + " recipient(s), " +
       std::to_string(message.size) + " octets");
  if (options_.on_message) options_.on_message(message);
  if (behaviour && behaviour->act == Act::drop_end) {
    note("is dropped before the final reply, for <" + transaction->on_content_name + ">");
    return {"", Next::end};
  }
  return answer(250, "2.0.0 kept as message " + number);
}

Reaction ServerDialogue::rset(std::string_view) {
  transaction_.reset();
  return answer(250, "2.0.0 forgotten");
}

}  // namespace postern::catcher
