// For whom the entities of an encrypted message are made: who shares one, and who gets none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mapi/message.h"
#include "smime/key_directory.h"

namespace postern::smime {

/// Recipients who get the same entity.
struct Audience {
  std::int32_t number = 0;  ///< PR_POSTERN_SECURED_ENTITY
  std::vector<std::size_t> rows;
  std::vector<Certificate> certificates;
};

/// A row that gets nothing, and why, in one sentence.
struct Unserved {
  std::size_t row;
  std::string why;
};

struct Audiences {
  std::vector<Audience> served;
  std::vector<Unserved> unserved;
};

/// Divides the open rows (PR_RESPONSIBILITY is not TRUE): those whose address a To or Cc header
/// shows share audience 0, each other one is one of its own. `certificates` may be null. A failure
/// of the source passes through if it may be over soon; else the row is unserved.
Audiences audiences(const mapi::Message& message, const CertificateSource* certificates,
                    std::chrono::system_clock::time_point now);

}  // namespace postern::smime
