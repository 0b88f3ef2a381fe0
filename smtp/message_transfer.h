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
#include "smtp/ledger.h"
#include "smtp/transaction.h"

namespace postern::smtp {

/// What was learned about a route's servers, for the messages that follow.
struct RouteMemory {
  /// Recipients a transaction may have; only limits of 100 and more, which RFC 5321 §4.5.3.1.8
  /// demands of servers, are worth remembering: smaller ones were a matter of the moment.
  std::optional<std::size_t> recipient_limit;
};

class MessageTransfer {
 public:
  enum class State { needs_link, running, finished };

  /// Envelope, source and memory outlive the transfer.
  MessageTransfer(const Envelope& envelope, const OctetSource& source, RouteMemory& memory,
                  Moment now);

  [[nodiscard]] State state() const { return state_; }
  /// Goes on over this dialogue, which is in step. `used`: it has carried messages before.
  void attach(Dialogue& dialogue, bool used, Moment now);
  /// To be called whenever the dialogue has moved.
  void advance(Moment now);
  /// Before the end of the content: ends the dialogue, all unsettled are to be tried again. Behind
  /// it the reply is awaited; nothing further is begun.
  void stop(Moment now);
  /// There is no link: everybody who is open gets the outcome of the fault.
  void give_up(const RouteFault& fault);

  /// Once finished.
  Delivery take();

 private:
  void refuse_locally(Moment now);
  void refuse_what_the_server_cannot_take(Moment now);
  void refuse(std::size_t recipient, Stage stage, EnhancedStatus status, std::string text,
              Moment now);
  void refuse_all(Stage stage, EnhancedStatus status, const std::string& text, Moment now);
  void begin_transaction(Moment now);
  void end_transaction(Moment now);
  void settle_open(const Outcome& outcome);
  void pull_content(Moment now);
  void source_failed(const std::string& why);
  void learn_limit();

  const Envelope& envelope_;
  const OctetSource& source_;
  RouteMemory& memory_;
  MessageFacts message_;
  Ledger ledger_;
  State state_ = State::needs_link;
  Dialogue* dialogue_ = nullptr;
  bool used_ = false;
  bool stopped_ = false;
  std::optional<Transaction> transaction_;
  ParameterSet without_;
  std::optional<std::size_t> limit_;  ///< recipients of the next transaction
  std::unique_ptr<OctetReader> reader_;
  std::vector<std::byte> block_;
  std::uint64_t octets_read_ = 0;
  std::optional<RouteFault> route_fault_;
};

}  // namespace postern::smtp
