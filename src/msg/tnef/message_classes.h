// The names that attMessageClass has for message classes of Microsoft Mail ([MS-OXTNEF] 2.1.3.3.4).
#pragma once

#include <string>
#include <string_view>

namespace postern::msg {

/// "IPM.Note" for "IPM.Microsoft Mail.Note"; other classes are returned as they are.
std::string class_from_tnef(std::string_view name);
/// The opposite.
std::string class_to_tnef(std::string_view message_class);

}  // namespace postern::msg
