// Stages as a set, for tables that are asked by stage.
#pragma once

#include "base/outcome.h"

namespace postern::smtp {

using StageSet = unsigned;
constexpr StageSet set_of(Stage stage) {
  return 1U << static_cast<unsigned>(stage);
}
constexpr StageSet at_mail = set_of(Stage::mail);
constexpr StageSet at_rcpt = set_of(Stage::rcpt);
constexpr StageSet at_data = set_of(Stage::data);
constexpr StageSet at_content = set_of(Stage::content) | set_of(Stage::end);

}  // namespace postern::smtp
