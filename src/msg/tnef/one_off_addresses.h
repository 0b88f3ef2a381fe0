// Entry ids of Exchange users mean nothing outside their organisation; one-off entry ids, which
// name the address itself, stand in their place in TNEF (mapi-to-mime.md §9).
#pragma once

#include "mapi/address.h"
#include "mapi/message.h"

namespace postern::msg {

/// The bag with one-off entry ids. `addresses`: what the message knows of Exchange users.
mapi::PropertyBag with_one_offs(const mapi::PropertyBag& bag,
                                const mapi::ExchangeAddresses& addresses);

}  // namespace postern::msg
