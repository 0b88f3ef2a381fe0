// What the parts of one composition share: the options, the warnings, and the limits.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mapi/message.h"
#include "mime/compose_options.h"
#include "mime/tree/entity.h"

namespace postern::mime {

class ComposeContext {
 public:
  explicit ComposeContext(const ComposeOptions& compose_options) : options(compose_options) {}

  void warn(std::string sentence);

  /// Counts one more part. Throws mapi::Failure(MAPI_E_TOO_COMPLEX) when there are too many: the
  /// same embedded message may be attached to itself's copies without taking any memory.
  void count_part();

  const ComposeOptions& options;
  std::vector<std::string> warnings;

 private:
  unsigned parts_ = 0;
};

/// "=_" and random letters: neither quoted-printable nor base64 can make it (mapi-to-mime.md §5).
std::string make_boundary(const ComposeOptions& options);
/// A new Message-ID with angle brackets.
std::string make_message_id(const ComposeOptions& options);

/// The message an embedded one is attached to.
struct Parent {
  std::string date;  ///< its Date header
  unsigned depth;    ///< 0 for the message that is sent
};
/// The whole procedure for a message attached to another (§6.5). Throws
/// mapi::Failure(MAPI_E_TOO_COMPLEX) when messages are nested too deeply.
std::unique_ptr<Entity> compose_embedded(const mapi::Message& message, const Parent& parent,
                                         ComposeContext& context);

}  // namespace postern::mime
