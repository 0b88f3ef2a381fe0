// One Maildir on disk (https://cr.yp.to/proto/maildir.html).
//
// Errors: std::system_error that names the path; what the content throws passes through. Then
// there is no half-written file in new, and none left in tmp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "mapi/content.h"

namespace postern::transport {

class Maildir {
 public:
  /// `base` must exist; the mailbox below it is made when it is needed.
  Maildir(const std::filesystem::path& base, const std::filesystem::path& mailbox)
      : base_(base), mailbox_(mailbox), directory_(base / mailbox) {}

  /// Whether a file of that name was delivered: it lies in new, or, if `look_in_cur`, in cur with
  /// whatever flags. That it is there is on the disk when this returns.
  [[nodiscard]] bool holds(const std::string& name, bool look_in_cur) const;

  /// Delivers the header lines, which end with LF, and the content, whose lines end with CRLF. It
  /// is on the disk when this returns.
  void deliver(const std::string& name, std::string_view header,
               const mapi::Content& content) const;

 private:
  void make() const;

  std::filesystem::path base_;
  std::filesystem::path mailbox_;
  std::filesystem::path directory_;
};

}  // namespace postern::transport
