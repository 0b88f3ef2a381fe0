// Which syntax the fields of a header have, and text written in it (mapi-to-mime.md §3.2): encoded
// words are for people's text alone; what programs read stays as it is or is left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::mime {

enum class FieldSyntax {
  text,        ///< unstructured (RFC 5322 §2.2.1)
  addresses,   ///< a list of mailboxes (§3.4)
  ids,         ///< message ids (§3.6.4)
  uris,        ///< URIs in angle brackets (RFC 2369 §2, RFC 5064)
  list_id,     ///< a phrase and an id (RFC 2919)
  structured,  ///< tokens and parameters
};

/// Of a field by its name, compared without case; text for fields that are not known.
FieldSyntax field_syntax(std::string_view name);

struct FieldValue {
  std::string value;      ///< without line ends; empty: nothing can be written
  bool is_lossy = false;  ///< a part was left out or changed
};
/// The text as a value of the field. `smtputf8`: addresses may be UTF-8.
FieldValue field_value(std::string_view name, std::string_view text, bool smtputf8);

/// The ids in a list of message ids, each in angle brackets, separated by blanks; those without an
/// @ as well, since the threads of others hang on them. Left out: what one line cannot hold.
FieldValue id_list(std::string_view text);

/// URIs as they are, what is not ASCII in them percent-encoded.
FieldValue uri_list(std::string_view text);

}  // namespace postern::mime
