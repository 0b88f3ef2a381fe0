#include "spooler/run/thrown.h"

#include <utility>

namespace postern::spooler {

mapi::Failure as_failure(const std::exception_ptr& thrown) {
  if (auto lack = mapi::exhaustion(thrown)) return *std::move(lack);
  try {
    std::rethrow_exception(thrown);
  } catch (const mapi::Failure& failure) {
    return failure;
  } catch (const std::exception& error) {
    return {mapi::MAPI_E_CALL_FAILED, error.what()};
  } catch (...) {
    return {mapi::MAPI_E_CALL_FAILED, "something was thrown that is no std::exception"};
  }
}

}  // namespace postern::spooler
