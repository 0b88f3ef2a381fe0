// What must be true of a trial: what was begun, acknowledged, killed, delivered, recorded and
// reported, and what of it does not go together. Knows neither processes nor stores nor SMTP.
//
// A copy of a message is in the window if the spooler that has sent it was killed before it had
// said that the result was saved: only then may somebody else have sent it again. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/kill/life.h"

namespace postern::kill {

/// What a server has taken for one recipient.
struct Copy {
  std::string message;  ///< as the content names it
  std::string address;
  Life life = 0;  ///< of the spooler that has sent it
  bool is_whole = true;
};

struct Counts {
  std::size_t submitted = 0;  ///< begun
  std::size_t acknowledged = 0;
  std::size_t delivered = 0;   ///< copies
  std::size_t duplicates = 0;  ///< copies too many, each explained by a kill in the window
  std::size_t lost = 0;        ///< recipients who must have a copy, and have none
  std::size_t reports = 0;     ///< recipients named in reports
  std::size_t reports_missing = 0;
  std::size_t reports_doubled = 0;
  Counts& operator+=(const Counts& other);
};

struct Judgement {
  Counts counts;
  std::vector<std::string> faults;  ///< a sentence each
};

class Ledger {
 public:
  /// Somebody begins to submit, from that mailbox.
  void begin(const std::string& message, const std::string& mailbox,
             const std::vector<std::string>& addresses);
  void acknowledge(const std::string& message);
  /// That life has said that the recipient's result is saved.
  void record(Life life, const std::string& address);
  void kill(Life life);
  void deliver(const Copy& copy);
  /// The server has refused the recipient for good, whether that life was there to hear it or not.
  void refuse(Life life, const std::string& address);
  /// A non-delivery report in that mailbox names the recipient.
  void report(const std::string& mailbox, const std::string& address);
  void complain(std::string fault) { faults_.push_back(std::move(fault)); }

  [[nodiscard]] std::size_t acknowledged() const { return counts_.acknowledged; }

  /// `sessions`: so many messages a spooler may have had in the window when it was killed.
  [[nodiscard]] Judgement judge(std::size_t sessions) const;

 private:
  struct Recipient {
    std::map<Life, std::size_t> copies;
    std::set<Life> recorded_by;
    std::set<Life> refused_to;
    std::vector<std::string> reported_in;  ///< mailboxes
  };
  struct Message {
    std::string mailbox;
    bool is_acknowledged = false;
    std::map<std::string, Recipient> recipients;  ///< by address
    [[nodiscard]] bool was_submitted() const;
  };
  class Judging;

  /// Null for an address that nobody has submitted to, which is a fault.
  Recipient* find(const std::string& address, const std::string& event);

  std::map<std::string, Message> messages_;
  std::map<std::string, std::string> message_of_;  ///< by address
  std::set<Life> killed_;
  std::vector<std::string> faults_;
  Counts counts_;
};

}  // namespace postern::kill
