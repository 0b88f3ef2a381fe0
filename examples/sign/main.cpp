// Signs a file that holds a message and writes it to standard output; one or more keys:
//   sign_example letter.eml relaxed/relaxed example.org selector key.pem [selector key.pem]...
#include <array>
#include <iostream>
#include <postern/smtp/dkim_signer.h>
#include <postern/smtp/file_source.h>
#include <stdexcept>

using namespace postern::smtp;

Canonicalization canonicalization(std::string_view text) {
  if (text == "simple") return Canonicalization::simple;
  if (text == "relaxed") return Canonicalization::relaxed;
  throw std::invalid_argument("a canonicalization is simple or relaxed");
}

int main(int argc, char** argv) try {
  if (argc < 6 || argc % 2 != 0) throw std::invalid_argument("see the head of main.cpp");
  const std::string_view forms = argv[2];
  DkimSettings settings{argv[3], {}, DkimKey::from_file(argv[5])};
  settings.header = canonicalization(forms.substr(0, forms.find('/')));
  settings.body = canonicalization(forms.substr(forms.find('/') + 1));
  std::vector<DkimSettings> signatures;
  for (int at = 4; at < argc; at += 2) {
    settings.selector = argv[at];
    settings.key = DkimKey::from_file(argv[at + 1]);
    signatures.push_back(settings);
  }
  const FileSource letter(argv[1]);
  const auto reader = DkimSigner(signatures).sign(letter).open();
  std::array<std::byte, 65536> block;
  while (const std::size_t count = reader->read(block)) {
    std::cout.write(reinterpret_cast<const char*>(block.data()), static_cast<long>(count));
  }
  return std::cout.flush() ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 2;
}
