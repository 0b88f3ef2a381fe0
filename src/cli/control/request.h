// What an operator's commands ask of a running `postern spool`, and what it answers.
//
// A request is one line, the answer one line of JSON:
//
//   status      {"spooler":{…},"transports":[{…}],"routes":[{…}]}
//   flush       {"done":true}
//   cancel ID   {"done":true}: it is sent no further, and leaves the queue soon;
//               {"done":false}: it is not being sent
//
// Each of the objects {…} has "name", "state" ("available", "offline", "failed"), "sending" and
// "flushing", and, if something is wrong, "reason" and "until" (RFC 3339). Whatever cannot be done
// or understood is answered with {"error":"…"}, one sentence.
//
// Values only, no sockets (control/control_server.h has those). Threads: those of `SpoolerControl`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "mapi/property_bag.h"

namespace postern::cli {

/// A request that is longer is refused.
inline constexpr std::size_t longest_request = 256;

/// What can be asked; may throw mapi::Failure.
struct SpoolerControl {
  std::function<std::vector<mapi::PropertyBag>()> status;  ///< as Spooler::status
  /// As rows of transports: their routes that are suspended, and servers of which something was
  /// learned, which is the reason then.
  std::function<std::vector<mapi::PropertyBag>()> routes;
  std::function<void()> flush;
  std::function<bool(std::string_view id)> cancel;
};

/// The answer to a line without its end; throws nothing but std::bad_alloc.
nlohmann::ordered_json answer_request(std::string_view line, const SpoolerControl& control);

}  // namespace postern::cli
