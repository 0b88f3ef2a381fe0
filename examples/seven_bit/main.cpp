// Re-encodes a message to 7 bits, or says why that cannot be:
//   seven_bit_example letter.eml > letter-7bit.eml
#include <iostream>
#include <memory>
#include <postern/smtp/file_source.h>
#include <postern/smtp/seven_bit.h>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>

using namespace postern::smtp;

int main(int argc, char** argv) try {
  if (argc != 2) throw std::invalid_argument("name one file");
  const FileSource message(argv[1]);
  const SevenBit result = seven_bit(message);
  if (const auto* reason = std::get_if<std::string>(&result)) throw std::invalid_argument(*reason);
  const auto reader = std::get<std::unique_ptr<OctetSource>>(result)->open();
  char block[65536];
  while (const std::size_t count = reader->read(std::as_writable_bytes(std::span(block))))
    std::cout.write(block, static_cast<std::streamsize>(count));
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
