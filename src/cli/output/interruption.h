// SIGINT, SIGTERM and SIGHUP as a flag that can be polled.
#pragma once

namespace postern::cli {

/// From now on a first signal sets the flag; a second one ends the process.
void catch_interruptions();
bool interrupted();

}  // namespace postern::cli
