// Verdicts: what became of each recipient, with the server's own words (smtp-transactions.md §1).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "smtp/enhanced_status.h"

namespace postern::smtp {

/// `delivered` and `failed` are final. `retry`: nothing was delivered, try again. `unknown`: the
/// content was sent to its end and no whole reply came back: try again, perhaps a duplicate.
enum class Verdict { delivered, failed, retry, unknown };
std::string_view name(Verdict verdict);

/// Where in the session it was decided. `address`: refused here, before any octet was sent.
enum class Stage {
  address,
  connect,
  greeting,
  ehlo,
  starttls,
  auth,
  mail,
  rcpt,
  data,
  content,
  end
};
std::string_view name(Stage stage);

/// The one typed outcome that travels unbroken from the socket to the report.
struct Outcome {
  Verdict verdict = Verdict::retry;
  Stage stage = Stage::connect;
  int code = 0;           ///< reply code; 0 where no reply was the cause (time-out, lost link)
  EnhancedStatus status;  ///< the server's where its class fits the code, else spec §9's table
  std::string text;       ///< the reply's text whole, lines joined by LF; or our own sentence
  std::string host;       ///< "name[address]" or "name" of who said it
  std::chrono::system_clock::time_point time;
  /// `delivered`, and the server has taken it upon itself to report that (RFC 3461 NOTIFY=SUCCESS).
  bool next_hop_reports = false;
};

}  // namespace postern::smtp
