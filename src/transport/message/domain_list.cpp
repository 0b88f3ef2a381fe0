#include "transport/message/domain_list.h"

#include <stdexcept>

#include "base/internationalized_domain.h"
#include "base/text.h"

namespace postern::transport {

DomainList::DomainList(const std::vector<std::string>& domains) {
  for (const std::string& text : domains) {
    const bool has_dot = text.starts_with('.');
    const auto name = a_labels(std::string_view(text).substr(has_dot ? 1 : 0));
    if (!name || name->empty() || name->find_first_of("*@[]/ ") != std::string::npos) {
      throw std::invalid_argument("\"" + printable(text) +
                                  "\" is no domain; write example.com, or .example.com for all "
                                  "that lie below it");
    }
    domains_.insert(has_dot ? '.' + *name : *name);
  }
}

bool DomainList::contains_domain_of(std::string_view address) const {
  if (domains_.empty()) return true;
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const auto name = a_labels(address.substr(at + 1));
  if (!name) return false;
  if (domains_.contains(*name)) return true;
  for (auto dot = name->find('.'); dot != std::string::npos; dot = name->find('.', dot + 1)) {
    if (domains_.contains(std::string_view(*name).substr(dot))) return true;
  }
  return false;
}

}  // namespace postern::transport
