// SIGINT and SIGTERM as a question that can be asked: has somebody asked the program to stop?
#pragma once

namespace postern::cli {

/// From now on the signals are noted instead of ending the process. A second one ends it.
void catch_interruptions();
bool interrupted();

}  // namespace postern::cli
