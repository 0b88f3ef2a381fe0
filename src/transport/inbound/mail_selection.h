// Which mail of a mailbox comes next, as a value: without files, clock or threads.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::transport {

class MailSelection {
 public:
  /// The first of the mails by name that is not left aside. The one that was taken before and not
  /// stored since is left aside: the store does not take it.
  std::optional<std::string> take(const std::vector<std::string>& present);

  /// The mail that was taken last; it is stored now.
  std::optional<std::string> stored();

  /// It cannot be read. False: that is known already.
  bool leave_aside(const std::string& mail) { return aside_.insert(mail).second; }

  /// Whether `take` would give one, the taken one not counted.
  [[nodiscard]] bool has_next(const std::vector<std::string>& present) const;

 private:
  std::optional<std::string> taken_;
  std::set<std::string> aside_;
};

}  // namespace postern::transport
