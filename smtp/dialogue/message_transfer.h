// One message on its way to one route: as many transactions as it takes, over as many links as it
// takes, until every recipient has its one outcome (smtp-transactions.md §§1–2).
//
// Refuses what must not reach the wire (addresses, sizes, octets the server cannot take), offers
// the rest, goes on at once with recipients a server had no room for, once more without parameters
// it refused, and on a new link when a used one turned the message away. Each further transaction
// settles a recipient or drops a parameter, so that it ends. No sockets, no clock.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "smtp/client.h"
#include "smtp/dialogue/recipient_outcomes.h"
#include "smtp/dialogue/transaction.h"
#include "smtp/seven_bit.h"

namespace postern::smtp {

class MessageTransfer {
 public:
  /// `waiting`: for a dialogue to begin a transaction, the first or a further one.
  enum class State { waiting, running, finished };

  /// Envelope and source outlive the transfer.
  MessageTransfer(const Envelope& envelope, const OctetSource& source, TimePoint now);

  /// What is said for the message from now on is kept for Delivery::transcript.
  void keep_transcript() { transcript_ = std::make_unique<Transcript>(max_transcript_lines); }

  [[nodiscard]] State state() const { return state_; }
  /// How a dialogue is come upon.
  struct DialogueUse {
    bool used = false;    ///< it has carried messages before
    bool behind = false;  ///< others' transactions are in flight on it
  };
  /// Another host can be asked: where this one cannot take the message as it is, nobody is
  /// refused, and the transfer waits for the other with `declined` set.
  void may_decline(bool may) { may_decline_ = may; }
  [[nodiscard]] bool declined() const { return declined_; }
  /// Goes on over this dialogue, with a transaction. Both outlive it; `memory` is the server's.
  void attach(Dialogue& dialogue, ServerMemory& memory, DialogueUse use, TimePoint now);
  /// To be called whenever the dialogue has moved.
  void advance(TimePoint now);
  /// Begins nothing further. A transaction under way goes on until `halt`.
  void stop(TimePoint now);
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Before the end of the content: ends the transaction, all unsettled are to be tried again, and
  /// perhaps the dialogue. Behind it the reply is awaited.
  void halt(TimePoint now);
  /// Everything was said: a further message may begin behind this one.
  [[nodiscard]] bool has_sent_everything() const {
    return state_ == State::running && transaction_ && transaction_->has_sent_everything();
  }
  /// It has something to do besides waiting for the dialogue: `advance` is to be called again soon.
  [[nodiscard]] bool busy() const { return scan_ != nullptr; }
  /// There is no link: everybody who is open gets the outcome of the fault, which may be final.
  void give_up(const RouteFault& fault);

  /// Once finished.
  Delivery take();

 private:
  static constexpr std::size_t max_transcript_lines = 2500;  ///< a thousand recipients and theirs

  void refuse_locally(TimePoint now);
  /// Re-encodes what this server cannot take as it is; goes on with `offer` when that is done.
  void scan(TimePoint now);
  /// Refuses or declines what the server cannot take, and begins a transaction with the rest.
  void offer(TimePoint now);
  /// Who cannot be served by this server, and why; nobody where it takes the message as it is.
  struct Unsupported {
    std::size_t recipient;
    Stage stage;
    EnhancedStatus status;
    std::string text;
  };
  [[nodiscard]] std::vector<Unsupported> unsupported_by_server() const;
  void refuse(std::size_t recipient, Stage stage, EnhancedStatus status, std::string text,
              TimePoint now);
  void refuse_all(Stage stage, EnhancedStatus status, const std::string& text, TimePoint now);
  void begin_transaction(TimePoint now);
  void end_transaction(TimePoint now);
  void settle_open(const Outcome& outcome);
  void pull_content(TimePoint now);
  void source_failed(const std::string& why, TimePoint now);
  std::size_t fill(std::span<std::byte> block);
  void update_server_memory();

  const Envelope& envelope_;
  const OctetSource& source_;
  const MessageFacts original_;
  std::unique_ptr<Transcript> transcript_;
  std::unique_ptr<SevenBitScan> scan_;
  std::optional<SevenBit> seven_bit_;     ///< once scanned
  const OctetSource* offered_ = nullptr;  ///< the source itself, or re-encoded
  MessageFacts message_;                  ///< of what is offered
  RecipientOutcomes outcomes_;
  State state_ = State::waiting;
  Dialogue* dialogue_ = nullptr;
  ServerMemory* memory_ = nullptr;
  DialogueUse dialogue_use_;
  bool may_decline_ = false;
  bool declined_ = false;
  bool stopped_ = false;
  std::optional<Transaction> transaction_;
  ParameterSet without_;
  std::optional<std::size_t> limit_;  ///< recipients of the next transaction
  std::unique_ptr<OctetReader> reader_;
  std::uint64_t octets_read_ = 0;
  std::unique_ptr<RouteFault> route_fault_;
};

}  // namespace postern::smtp
