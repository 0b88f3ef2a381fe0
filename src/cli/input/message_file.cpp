#include "cli/input/message_file.h"

#include <array>
#include <string>

#include "cli/input/collected_mail.h"
#include "mapi/error.h"
#include "msg/msg_file.h"
#include "msg/tnef_file.h"

namespace postern::cli {
namespace {

std::string first_octets(const mapi::Content& content) {
  std::string octets(form_window, '\0');
  std::size_t filled = 0;
  const auto reader = content.open();
  const auto bytes = std::as_writable_bytes(std::span(octets));
  while (filled < octets.size()) {
    const auto count = reader->read(bytes.subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  octets.resize(filled);
  return octets;
}

std::string quoted(const std::filesystem::path& path) {
  if (path == standard_input) return "standard input";
  return "'" + path.string() + "'";
}

}  // namespace

std::optional<FileForm> form_of(std::string_view first_octets) {
  constexpr std::string_view compound_file = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  if (first_octets.starts_with(compound_file)) return FileForm::outlook;
  constexpr std::string_view tnef = "\x78\x9F\x3E\x22";
  if (first_octets.starts_with(tnef)) return FileForm::tnef;
  if (mime::begins_as_mail(first_octets)) return FileForm::mail;
  return std::nullopt;
}

MessageFile read_message_file(const std::filesystem::path& path, const mime::ReadOptions& options) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, quoted(path) + " is a folder, not a message");
  }
  const bool is_input = path == standard_input;
  const auto content = is_input ? collect_standard_input() : mapi::Content::from_file(path);
  const auto start = first_octets(content);
  // An empty file, too, is what the reader of .msg files has a sentence about.
  const auto form = start.empty() && !is_input ? FileForm::outlook : form_of(start);
  if (!form) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA,
                        quoted(path) +
                            " is no message: neither an Outlook file (.msg, .oft) nor a "
                            "mail (.eml)");
  }
  if (*form == FileForm::outlook) {
    if (is_input) {
      throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                          "standard input can be a mail, and is an Outlook file; give that by its "
                          "name");
    }
    auto [message, losses] = msg::read(path);
    return {std::move(message), std::move(losses)};
  }
  try {
    if (*form == FileForm::tnef) {
      auto [message, losses] = msg::read_tnef(content);
      return {std::move(message), std::move(losses)};
    }
    auto [message, losses] = mime::read_message(content, options);
    return {std::move(message), std::move(losses)};
  } catch (const mapi::Failure& failure) {
    const bool names_file =
        failure.code() != mapi::MAPI_E_TOO_COMPLEX && failure.code() != mapi::MAPI_E_CORRUPT_DATA;
    if (names_file) throw;
    throw mapi::Failure(failure.code(), quoted(path) + ": " + failure.what());
  }
}

}  // namespace postern::cli
