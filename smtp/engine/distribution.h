// Splits a message to recipients of several domains into one part for each, and joins the outcomes.
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

/// The text after the last @, in lower case; empty if there is none.
std::string domain_of(std::string_view address);

/// One domain's share of a message.
struct Part {
  std::string domain;
  OutgoingMessage message;
  std::function<void(Delivery)> done;  ///< to be called once
};

/// The parts, in the order in which the domains appear. `done` is called with the whole delivery
/// once every part is done: one outcome per recipient in the envelope's order, and one of the
/// parts' route faults, preferably one that an operator must correct. An envelope without
/// recipients has one part.
std::vector<Part> distribute(OutgoingMessage message, std::function<void(Delivery)> done);

}  // namespace postern::smtp
