// Which mail of a mailbox comes next, as a value: without files, clock or threads.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::transport {

class MailQueue {
 public:
  /// What the mailbox holds now, by name in any order. What is left aside does not come again as
  /// long as it is there; what was gone may come again under its name.
  void refill(std::vector<std::string> present);

  /// The first by name; nullopt: the mailbox has to be looked at again.
  std::optional<std::string> take();

  /// It cannot be taken. False: that is known already.
  bool leave_aside(const std::string& mail) { return aside_.insert(mail).second; }

 private:
  std::deque<std::string> next_;
  std::set<std::string> aside_;
};

}  // namespace postern::transport
