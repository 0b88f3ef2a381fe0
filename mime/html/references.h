// What an HTML document refers to, and the same document with other references
// (mapi-to-mime.md §6.2).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern::mime {

struct HtmlReference {
  std::string url;  ///< entities decoded, without blanks at its ends and line ends within
  /// What it means is shown with the text (src, srcset, poster, background, data, CSS url()), not
  /// only linked to (href).
  bool is_shown = false;
};

/// The URL that stands instead of a reference; nullopt: it stays as it is. Only letters, digits and
/// "%-._~@!$*+:=", which mean themselves wherever a reference stands.
using ReplaceReference = std::function<std::optional<std::string>(const HtmlReference&)>;

/// The HTML with its references replaced; nothing else of it changes. `replacement` is called with
/// each in order, with those of conditional comments too, which some mail clients show.
std::string with_references(std::string_view html, const ReplaceReference& replacement);

}  // namespace postern::mime
