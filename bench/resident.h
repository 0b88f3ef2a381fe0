// What this process holds in memory.
#pragma once

#include <cstdio>
#include <unistd.h>

namespace postern::bench {

inline double resident_mebibytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long pages = 0;
  const int read = file == nullptr ? 0 : std::fscanf(file, "%*s %ld", &pages);
  if (file != nullptr) std::fclose(file);
  return read == 1 ? static_cast<double>(pages * ::sysconf(_SC_PAGESIZE)) / 1048576.0 : 0;
}

}  // namespace postern::bench
