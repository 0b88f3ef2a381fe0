// What the parts of one `compose` call share: the options, what is lost, and the limits.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"
#include "mime/compose_options.h"
#include "mime/tree/entity.h"

namespace postern::mime {

class ComposeContext {
 public:
  explicit ComposeContext(ComposeOptions compose_options) : options(std::move(compose_options)) {}

  void tell(mapi::Loss loss) { losses.add(std::move(loss)); }

  /// Counts one more part and returns its number, from 1. Throws mapi::Failure(MAPI_E_TOO_COMPLEX)
  /// if there are too many: copies of an embedded message share memory, so a small message may have
  /// any number of parts.
  unsigned count_part();

  ComposeOptions options;
  mapi::LossList losses;

 private:
  unsigned parts_ = 0;
};

/// "=_" and random letters, which neither quoted-printable nor base64 produces (mapi-to-mime.md
/// §5).
std::string make_boundary(const ComposeOptions& options);
/// A new Message-ID with angle brackets.
std::string make_message_id(const ComposeOptions& options);

/// The message an embedded one is attached to.
struct Parent {
  std::string date;  ///< its Date header
  unsigned depth;    ///< 0 for the message that is sent
};
/// Composes a message that is attached to another one (§6.5). Throws
/// mapi::Failure(MAPI_E_TOO_COMPLEX) if messages are nested too deeply.
std::unique_ptr<Entity> compose_embedded(const mapi::Message& message, const Parent& parent,
                                         ComposeContext& context);

}  // namespace postern::mime
