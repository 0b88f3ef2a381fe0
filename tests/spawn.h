// Runs a program beside the test.
#pragma once

#include <initializer_list>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace postern::test {

/// The process's id. `given`: which descriptors of ours it gets as which of its own. Throws
/// std::runtime_error if it cannot be run.
inline pid_t spawn(std::vector<std::string> command,
                   std::initializer_list<std::pair<int, int>> given) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const auto& [ours, its] : given) posix_spawn_file_actions_adddup2(&actions, ours, its);
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t id = -1;
  const int error =
      ::posix_spawn(&id, arguments[0], &actions, nullptr, arguments.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + command[0]);
  return id;
}

}  // namespace postern::test
