// Who sends reports (mapi-submission.md §8).
#pragma once

#include <string>

#pragma GCC visibility push(default)
namespace postern::session {

/// The sender of reports.
struct Reporter {
  std::string host;  ///< the reporting MTA's name
  std::string display_name = "Mail Delivery System";
  std::string address;  ///< empty: postmaster@host
};

}  // namespace postern::session
#pragma GCC visibility pop
