#include "smtp/engine/run_context.h"

#include <exception>

#include <boost/asio/multiple_exceptions.hpp>

#include "base/resource_exhaustion.h"

namespace postern::smtp {
namespace {

/// Asio keeps the first of several exceptions that handlers within one another throw.
std::exception_ptr first_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const asio::multiple_exceptions& several) {
    return several.first_exception();
  } catch (...) {
    return failure;
  }
}

}  // namespace

void run_context(asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (...) {
      if (!exhausted_resource(first_of(std::current_exception()))) throw;
    }
  }
}

}  // namespace postern::smtp
