// Converts an Outlook .msg file to MIME; what was damaged, lost or guessed goes to standard error:
//   convert_example letter.msg > letter.eml
#include <array>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <postern/mime/compose.h>
#include <postern/msg/msg_file.h>
#include <stdexcept>

using namespace postern;

int main(int argc, char** argv) try {
  if (argc != 2) throw std::invalid_argument("usage: convert_example FILE");
  const auto file = msg::read(argv[1]);
  mime::ComposeOptions options;
  options.now = std::chrono::system_clock::now();  // Date, where the message says nothing
  const auto plan = mime::compose(file.message, options);
  for (const auto& loss : file.losses) std::cerr << loss.sentence << '\n';
  for (const auto& loss : plan.losses) std::cerr << loss.sentence << '\n';
  const auto reader = plan.content().open();
  std::array<std::byte, 65536> block;
  while (const std::size_t count = reader->read(block)) {
    std::cout.write(reinterpret_cast<const char*>(block.data()),
                    static_cast<std::streamsize>(count));
  }
  return std::cout.flush() ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 2;
}
