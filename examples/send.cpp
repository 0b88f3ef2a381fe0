// Sends a file that holds a message to one recipient:
//   example_send smtp://localhost:1025 sender@example.org recipient@example.org letter.eml
#include <iostream>

#include "smtp/client.h"
#include "smtp/file_source.h"
#include "smtp/tls_required.h"

using namespace postern;
using namespace postern::smtp;

int main(int argc, char** argv) try {
  if (argc != 5) throw std::invalid_argument("usage: example_send URL FROM TO FILE");
  ClientOptions options;
  options.relay = Relay::parse(argv[1]);
  Envelope envelope;
  envelope.reverse_path = argv[2];
  envelope.recipients = {{argv[3], {}, {}}};
  const FileSource letter(argv[4]);
  envelope.tls_required_no = tls_required_no(letter);
  const Outcome outcome = Client(options).deliver(envelope, letter).recipients.at(0);
  std::cout << name(outcome.verdict) << ": " << outcome.code << ' ' << outcome.text << '\n';
  return outcome.verdict == Verdict::delivered ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 2;
}
