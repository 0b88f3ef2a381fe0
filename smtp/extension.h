// Extensions that a server may offer and that can be done without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern::smtp {

enum class Extension {
  pipelining,      ///< RFC 2920
  chunking,        ///< RFC 3030
  dsn,             ///< RFC 3461
  size,            ///< RFC 1870
  eight_bit_mime,  ///< RFC 6152
  smtputf8,        ///< RFC 6531
};

/// The extension of that keyword ("PIPELINING", in any case); nullopt for any other text.
std::optional<Extension> extension_named(std::string_view keyword);

/// An extension that is not used although a server offers it.
struct UnusedExtension {
  Extension extension = Extension::pipelining;
  std::string host;  ///< the relay's or mail host's name; empty: of every server
};

}  // namespace postern::smtp
#pragma GCC visibility pop
