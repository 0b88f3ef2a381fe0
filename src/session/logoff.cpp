#include "session/logoff.h"

namespace postern::session {

mapi::LogoffResult logoff(mapi::Logoff how, bool sending, bool queued) {
  const bool only_if_idle = how == mapi::Logoff::abort || how == mapi::Logoff::quiet;
  return {.complete = !(only_if_idle && sending),
          .inbound = false,
          .outbound = sending,
          .outbound_queue = queued};
}

}  // namespace postern::session
