#include "smtp/outcome.h"

#include <array>

namespace postern::smtp {

std::string_view name(Verdict verdict) {
  static constexpr std::array names{"delivered", "failed", "retry", "unknown"};
  return names.at(static_cast<std::size_t>(verdict));
}

std::string_view name(Stage stage) {
  static constexpr std::array names{"address", "connect", "greeting", "ehlo",    "starttls", "auth",
                                    "mail",    "rcpt",    "data",     "content", "end"};
  return names.at(static_cast<std::size_t>(stage));
}

}  // namespace postern::smtp
