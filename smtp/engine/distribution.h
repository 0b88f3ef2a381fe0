// A message to recipients of several domains: one part for each, and their outcomes joined again.
// No sockets, no clock.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/client.h"

namespace postern::smtp {

/// What stands behind the last @, in lower case; nothing where there is none.
std::string domain_of(std::string_view address);

/// One domain's share of a message.
struct Part {
  std::string domain;
  OutgoingMessage message;
  std::function<void(Delivery)> done;  ///< to be called once
};

/// In the order in which the domains appear. `done` hears the whole delivery once every part is
/// done: one outcome per recipient in the envelope's order, and of the parts' route faults one,
/// rather one that an operator must mend. An envelope without recipients has one part.
std::vector<Part> distribute(OutgoingMessage message, std::function<void(Delivery)> done);

}  // namespace postern::smtp
