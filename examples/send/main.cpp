// Sends a file that holds a message to one recipient:
//   send_example smtp://localhost:1025 sender@example.org recipient@example.org letter.eml
#include <iostream>
#include <postern/smtp/client.h>
#include <postern/smtp/file_source.h>
#include <postern/smtp/tls_required.h>
#include <stdexcept>

using namespace postern;
using namespace postern::smtp;

int main(int argc, char** argv) try {
  if (argc != 5) throw std::invalid_argument("usage: send_example URL FROM TO FILE");
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
