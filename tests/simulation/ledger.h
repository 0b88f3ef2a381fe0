// The truth about every message life: who was served by which server, what was heard and saved, and
// whether the end agrees with it (mapi-submission.md §§3.11, 6, 8; smtp-transactions.md §1).
//
// A value without a clock, a store or a network: they tell it what happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "mapi/entry_id.h"
#include "mapi/message.h"
#include "tests/simulation/figures.h"
#include "tests/simulation/time/simulated_clock.h"

namespace postern::simulation {

/// A server has taken the message for a recipient.
struct Acceptance {
  std::uint64_t crashes = 0;     ///< of the spooler before it
  bool is_heard = false;         ///< the client has read the final reply
  bool is_doubtful = false;      ///< with garbage, for which it may believe it or not
  bool promises_report = false;  ///< NOTIFY=SUCCESS
};

struct RecipientLife {
  std::string address;
  bool wants_delivery_report = false;
  bool wants_non_delivery_report = true;
  bool is_blind = false;
  std::vector<Acceptance> acceptances{};
  std::vector<int> refusals{};  ///< the codes 5yz of servers
  std::optional<Outcome> saved{};
};

/// Where a message is once it was sent (§3.7).
enum class Afterwards { stays, moves, is_deleted };

struct Life {
  std::size_t number = 0;
  mapi::EntryId entry{};
  std::vector<RecipientLife> recipients{};
  Afterwards afterwards = Afterwards::stays;
  Moment submitted{};
  bool has_end = false;  ///< set by its sender, for its delivery
  bool was_asked_to_cancel = false;
  bool is_cancelled = false;  ///< it has left the queue for that
  bool is_finished = false;
};

/// What is left of a message in the end.
struct Remains {
  bool exists = false;
  bool is_queued = false;
  bool is_in_sent_folder = false;
  std::vector<mapi::Recipient> rows{};
};

/// Reports about a recipient.
struct Reports {
  int non_delivery = 0;
  int delivery = 0;
  int delay = 0;
};

struct Fault {
  std::optional<std::size_t> life;
  std::string text;
};

/// What else decides whether something may be.
struct Rules {
  /// A recipient may be given up now.
  std::function<bool(const Life&)> may_expire = [](const Life&) { return true; };
  /// Deliveries are reported also if a server has promised to do it.
  bool reports_all_deliveries = false;
};

class Ledger {
 public:
  Ledger() = default;
  explicit Ledger(Rules rules) : rules_(std::move(rules)) {}

  /// The address of a recipient, and back; both nullptr: no life has it.
  static std::string address_of(std::size_t life, std::size_t recipient, std::string_view domain);
  struct Found {
    Life* life = nullptr;
    RecipientLife* recipient = nullptr;
  };
  Found find(std::string_view address);
  /// The text that its subject is.
  static std::string subject_of(std::size_t life);

  /// A submission that was acknowledged.
  Life& add(Life life);
  Life* find(const mapi::EntryId& entry);
  [[nodiscard]] const std::deque<Life>& lives() const { return lives_; }

  // What servers do. Of an acceptance, its place is told for `heard`.
  std::optional<std::size_t> accepted(std::string_view address, bool promises_report,
                                      std::string_view content);
  void heard(std::string_view address, std::size_t acceptance, bool with_garbage = false);
  void refused(std::string_view address, int code);
  void refused_all(std::size_t life, int code);

  // What the store has made durable.
  void saved(const mapi::Message& message);
  void finished(const mapi::EntryId& entry);
  void cancelled(const mapi::EntryId& entry);

  /// The spooler has lost what it had in memory.
  void crashed() { ++crashes_; }

  // The end.
  void check(const Life& life, const Remains& remains,
             const std::map<std::string, Reports, std::less<>>& reports);

  void add_fault(std::optional<std::size_t> life, std::string text) {
    faults_.push_back({life, std::move(text)});
  }
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }
  [[nodiscard]] Figures& figures() { return figures_; }

 private:
  void save(Life& life, RecipientLife& recipient, const mapi::Recipient& row);
  void check_failure(const Life& life, const RecipientLife& recipient);
  [[nodiscard]] bool is_certain(const Acceptance& acceptance) const;
  void check_content(const Life& life, std::string_view content);
  void check_place(const Life& life, const Remains& remains);
  void check_row(const Life& life, const RecipientLife& recipient, const mapi::Recipient& row);
  void check_reports(const Life& life, const RecipientLife& recipient, const Reports& reports);

  Rules rules_;
  std::deque<Life> lives_;  ///< by their numbers
  std::map<mapi::EntryId, std::size_t> numbers_;
  std::uint64_t crashes_ = 0;
  std::vector<Fault> faults_;
  Figures figures_;
};

}  // namespace postern::simulation
