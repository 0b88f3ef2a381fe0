// In place of smtp/engine/run_context.cpp: the simulation runs the engine, and its thread only ends
// it.
#include "smtp/engine/run_context.h"

#include "tests/simulation/network.h"

namespace postern::smtp {

void run_context(asio::io_context& context) {
  simulation::Network::current().wait_for_end();
  context.run();
}

}  // namespace postern::smtp
