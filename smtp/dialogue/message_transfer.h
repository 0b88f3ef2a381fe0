// The delivery of one message over one route: as many transactions, over as many links, as are
// needed until every recipient has its outcome (smtp-transactions.md §§1–2).
//
// Refuses what must not be sent (bad addresses, sizes and octets that the server cannot take),
// offers the rest, and begins a further transaction: for recipients beyond the server's limit,
// without parameters that it refused, in lock-step once if it lost commands, or on a new link if a
// reused one was closed. Each further transaction settles a recipient, is smaller or drops a
// parameter, so that it ends. No sockets, no clock.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "smtp/client.h"
#include "smtp/dialogue/recipient_outcomes.h"
#include "smtp/dialogue/server_memory.h"
#include "smtp/dialogue/transaction.h"
#include "smtp/seven_bit.h"

namespace postern::smtp {

class MessageTransfer {
 public:
  /// `waiting`: for a dialogue to begin a transaction, the first or a further one.
  enum class State { waiting, running, finished };

  /// As OutgoingMessage::settled.
  using Settled = std::function<void(const std::vector<SettledRecipient>&)>;

  /// Envelope and source must outlive the transfer.
  MessageTransfer(const Envelope& envelope, const OctetSource& source, TimePoint now,
                  Settled settled = {});

  /// Records the dialogue from now on for Delivery::transcript.
  void keep_transcript() { transcript_ = std::make_unique<Transcript>(max_transcript_lines); }

  [[nodiscard]] State state() const { return state_; }
  /// What a dialogue was used for before.
  struct DialogueUse {
    bool used = false;    ///< it has sent messages before
    bool behind = false;  ///< other transactions are in flight on it
  };
  /// Another host can be tried: if this one cannot take the message as it is, or ends the session
  /// before it has answered MAIL (RFC 5321 §5.1), no recipient is settled, and the transfer waits
  /// for the other host with `declined` set.
  void may_decline(bool may) { may_decline_ = may; }
  [[nodiscard]] bool declined() const { return declined_; }
  /// What the last host said that ended the session so; nullptr: none did.
  [[nodiscard]] const Outcome* turned_away() const { return turned_away_.get(); }
  /// Begins a transaction on this dialogue. Both must outlive it; `memory` is the server's.
  void attach(Dialogue& dialogue, ServerMemory& memory, DialogueUse use, TimePoint now);
  /// To be called whenever the dialogue has moved.
  void advance(TimePoint now);
  /// Begins no further transaction. One that is running goes on until `halt`.
  void stop(TimePoint now);
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Before the end of the content: ends the transaction, and the dialogue if need be; all
  /// unsettled recipients are to be tried again. After it the reply is awaited.
  void halt(TimePoint now);
  /// Everything was sent: a further message may begin after this one.
  [[nodiscard]] bool has_sent_everything() const {
    return state_ == State::running && transaction_ && transaction_->has_sent_everything();
  }
  /// It has something to do besides waiting for the dialogue: `advance` is to be called again soon.
  [[nodiscard]] bool busy() const { return scan_ != nullptr; }
  /// There is no link: all open recipients get the outcome of the fault, which may be final.
  void give_up(const RouteFault& fault);

  /// Once finished.
  Delivery take();

 private:
  static constexpr std::size_t max_transcript_lines = 2500;  ///< of a thousand recipients

  void refuse_locally(TimePoint now);
  /// Re-encodes what this server cannot take as it is; goes on with `offer` when that is done.
  void scan(TimePoint now);
  /// Refuses or declines what the server cannot take, and begins a transaction with the rest.
  void offer(TimePoint now);
  /// A recipient that this server cannot serve, and why.
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
  void update_server_memory(TimePoint now);
  void update_flight_memory(TimePoint now);
  void note_refusal_of_us();

  const Envelope& envelope_;
  /// The message with what MAIL says of it.
  struct Version {
    const OctetSource* source;
    MessageFacts facts;
  };
  static Version version(const OctetSource& source);
  [[nodiscard]] const Version& version_for(const Capabilities& server) const;

  /// Sets what is offered; leaves those to whom it is.
  void choose_version(std::vector<std::size_t>& recipients);

  const Version whole_;
  const std::optional<Version> ascii_;  ///< for servers without SMTPUTF8, if there is one
  std::unique_ptr<Transcript> transcript_;
  std::unique_ptr<SevenBitScan> scan_;
  std::optional<SevenBit> seven_bit_;     ///< once scanned
  const OctetSource* offered_ = nullptr;  ///< the source itself, or re-encoded
  MessageFacts message_;                  ///< of what is offered
  RecipientOutcomes outcomes_;
  Settled settled_;
  State state_ = State::waiting;
  Dialogue* dialogue_ = nullptr;
  ServerMemory* memory_ = nullptr;
  DialogueUse dialogue_use_;
  bool may_decline_ = false;
  bool declined_ = false;
  std::unique_ptr<Outcome> turned_away_;
  bool stopped_ = false;
  std::optional<Transaction> transaction_;
  ParameterSet without_;
  std::optional<std::size_t> limit_;  ///< recipients of the next transaction
  int flights_refused_ = 0;
  std::unique_ptr<OctetReader> reader_;
  std::uint64_t octets_read_ = 0;
  std::unique_ptr<RouteFault> route_fault_;
};

}  // namespace postern::smtp
