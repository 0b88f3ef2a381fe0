#include "tests/smime/reader.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <openssl/evp.h>

#include "base/line_ends.h"

namespace postern::smime {
namespace {

constexpr std::string_view list_leaves = R"python(
import email, email.policy, hashlib, sys

def leaves(entity):
    if entity.is_multipart():
        for part in entity.get_payload():
            yield from leaves(part)
    else:
        yield entity

with open(sys.argv[1], "rb") as file:
    message = email.message_from_binary_file(file, policy=email.policy.SMTP)
for leaf in leaves(message):
    assert not leaf.defects, leaf.defects
    digest = hashlib.sha256(leaf.get_payload(decode=True)).hexdigest()
    print(leaf.get_content_type(), leaf.get_filename() or "-", digest)
)python";

/// Whether the command ends well. Its words are ours: none is quoted.
bool run(const std::string& command) {
  return std::system((command + " 2>/dev/null").c_str()) == 0;
}

bool is_clear_signed(const std::filesystem::path& message) {
  std::string start(4096, '\0');
  std::ifstream(message, std::ios::binary).read(start.data(), 4096);
  return start.substr(0, start.find("\r\n\r\n")).find("multipart/signed") != std::string::npos;
}

}  // namespace

std::string octets_of(const mapi::Content& content) {
  std::string octets;
  std::vector<std::byte> block(7001);
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    octets.append(reinterpret_cast<const char*>(block.data()), count);
  }
  return octets;
}

void write_file(const std::filesystem::path& path, const mapi::Content& content) {
  std::ofstream file(path, std::ios::binary);
  std::vector<std::byte> block(1U << 16U);
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    file.write(reinterpret_cast<const char*>(block.data()), static_cast<std::streamsize>(count));
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

OpensslReader::OpensslReader() {
  write_file(directory_ / "authority.pem", authority().certificate_pem());
}

bool OpensslReader::verify_file(const std::filesystem::path& message,
                                const std::filesystem::path& into) const {
  // Of a clear-signed one it takes CRLF for the end of a part only if it may change line ends.
  return run(std::string("openssl cms -verify ") + (is_clear_signed(message) ? "" : "-binary ") +
             "-CAfile " + (directory_ / "authority.pem").string() + " -in " + message.string() +
             " -out " + into.string());
}

bool OpensslReader::decrypt_file(const std::filesystem::path& message, const Pair& recipient,
                                 const std::filesystem::path& into) const {
  write_file(directory_ / "recipient.pem", recipient.certificate_pem());
  write_file(directory_ / "key.pem", recipient.key_pem());
  return run("openssl cms -decrypt -binary -recip " + (directory_ / "recipient.pem").string() +
             " -inkey " + (directory_ / "key.pem").string() + " -in " + message.string() +
             " -out " + into.string());
}

std::optional<std::string> OpensslReader::verified(std::string_view message) const {
  write_file(directory_ / "message", message);
  if (!verify_file(directory_ / "message", directory_ / "content")) return std::nullopt;
  const auto content = read_file(directory_ / "content");
  return is_clear_signed(directory_ / "message") ? with_crlf(content) : content;
}

std::optional<std::string> OpensslReader::decrypted(std::string_view message,
                                                    const Pair& recipient) const {
  write_file(directory_ / "message", message);
  if (!decrypt_file(directory_ / "message", recipient, directory_ / "content")) {
    return std::nullopt;
  }
  return read_file(directory_ / "content");
}

std::size_t OpensslReader::recipient_infos(std::string_view message) const {
  write_file(directory_ / "message", message);
  if (!run("openssl cms -cmsout -print -noout -in " + (directory_ / "message").string() + " > " +
           (directory_ / "printed").string())) {
    throw std::runtime_error("openssl cannot read the envelope");
  }
  const auto printed = read_file(directory_ / "printed");
  std::size_t count = 0;
  for (const std::string_view kind : {"d.ktri:", "d.kari:"}) {
    for (auto at = printed.find(kind); at != std::string::npos; at = printed.find(kind, at + 1)) {
      ++count;
    }
  }
  return count;
}

std::vector<std::string> leaves(const std::filesystem::path& message) {
  const test::TemporaryDirectory directory;
  write_file(directory / "leaves.py", list_leaves);
  if (!run("python3 " + (directory / "leaves.py").string() + " " + message.string() + " > " +
           (directory / "found").string())) {
    throw std::runtime_error("python3 finds a defect in the message");
  }
  std::vector<std::string> found;
  std::istringstream lines(read_file(directory / "found"));
  for (std::string line; std::getline(lines, line);) found.push_back(line);
  return found;
}

std::vector<std::string> leaves_of(std::string_view message) {
  const test::TemporaryDirectory directory;
  write_file(directory / "message", message);
  return leaves(directory / "message");
}

std::string sha256(const mapi::Content& content) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<std::byte> block(1U << 16U);
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    EVP_DigestUpdate(context.get(), block.data(), count);
  }
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  std::ostringstream text;
  for (const auto octet : digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    text << digits[octet >> 4U] << digits[octet & 0xFU];
  }
  return text.str();
}

}  // namespace postern::smime
