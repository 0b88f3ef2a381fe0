#include "base/internationalized_domain.h"

#include <idn2.h>
#include <memory>

#include "base/text.h"

namespace postern {

std::optional<std::string> a_labels(std::string_view domain) {
  if (!is_utf8(domain) || has_control(domain)) return std::nullopt;
  char* raw = nullptr;
  const int code =
      idn2_to_ascii_8z(std::string(domain).c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> text(raw, &idn2_free);
  if (code != IDN2_OK) return std::nullopt;
  return std::string(text.get());
}

}  // namespace postern
