// Domain names that are not ASCII, as the DNS and mail without SMTPUTF8 know them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// The name with its U-labels as A-labels (RFC 5890; libidn2's IDNA2008, UTS #46 non-transitional,
/// which folds case). Returns nullopt if it is no UTF-8, holds a control character or cannot be
/// such a name. One name has one form, in headers, envelopes and look-ups alike.
std::optional<std::string> a_labels(std::string_view domain);

}  // namespace postern
#pragma GCC visibility pop
