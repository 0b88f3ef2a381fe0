// Lists of MAPI properties as TNEF has them ([MS-OXTNEF] 2.1.3.4).
#pragma once

#include "mapi/property_bag.h"
#include "msg/tnef/pieces.h"

namespace postern::msg {

/// What the object of an attachment is, and its octets.
struct TnefObject {
  mapi::Guid interface;
  Pieces octets;
};

/// The properties that may be sent, and the object as PR_ATTACH_DATA_OBJ, if there is one. Throws
/// mapi::Failure(MAPI_E_TOO_COMPLEX) for more than 32,766 names.
Pieces property_list(const mapi::PropertyBag& bag, std::optional<TnefObject> object = {});

}  // namespace postern::msg
