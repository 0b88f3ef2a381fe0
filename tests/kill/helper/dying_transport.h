// A transport at whose calls, and at whose calls of the spooler, the process may die.
#pragma once

#include <memory>

#include "mapi/transport.h"
#include "tests/kill/helper/dying_points.h"

namespace postern::kill {

class DyingTransport final : public mapi::XPProvider {
 public:
  /// Both must outlive it.
  DyingTransport(mapi::XPProvider& inner, DyingPoints& points) : inner_(inner), points_(points) {}

  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override;

 private:
  mapi::XPProvider& inner_;
  DyingPoints& points_;
};

}  // namespace postern::kill
