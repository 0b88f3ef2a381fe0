#include "cli/input/message_file.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/header_field.h"
#include "base/text.h"
#include "cli/input/collected_mail.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "msg/msg_file.h"
#include "msg/tnef_file.h"

namespace postern::cli {
namespace {

std::string first_octets(const mapi::Content& content) {
  const auto bytes =
      content.slice(0, std::min<std::uint64_t>(form_window, content.size())).read_all();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string quoted(const std::filesystem::path& path) {
  if (path == standard_input) return "standard input";
  return "'" + path.string() + "'";
}

}  // namespace

std::optional<FileForm> form_of(std::string_view first_octets) {
  if (msg::begins_as_compound_file(first_octets)) return FileForm::outlook;
  if (msg::begins_as_tnef(first_octets)) return FileForm::tnef;
  if (mime::begins_as_mail(first_octets)) return FileForm::mail;
  return std::nullopt;
}

namespace {

/// An empty file, too, is what the reader of .msg files has a sentence about.
FileForm known_form(const std::filesystem::path& path, std::string_view start, bool is_input) {
  const auto form = start.empty() && !is_input ? FileForm::outlook : form_of(start);
  if (!form) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA,
                        quoted(path) +
                            " is no message: neither an Outlook file (.msg, .oft), nor a "
                            "mail (.eml), nor a winmail.dat");
  }
  if (*form == FileForm::outlook && is_input) {
    throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                        "standard input can be a mail, and is an Outlook file; give that by its "
                        "name");
  }
  return *form;
}

MessageFile read_content(const mapi::Content& content, FileForm form,
                         const mime::ReadOptions& options) {
  if (form == FileForm::tnef) {
    auto [message, losses] = msg::read_tnef(content);
    return {std::move(message), std::move(losses), form};
  }
  auto [message, losses] = mime::read_message(content, options);
  return {std::move(message), std::move(losses), form};
}

}  // namespace

void keep_written_date(mapi::Message& message) {
  const std::string header(message.get_or(mapi::PR_TRANSPORT_MESSAGE_HEADERS, ""));
  for (std::string_view rest = header; !rest.empty();) {
    const auto field = take_header_field(rest);
    if (!equals_ignoring_case(field.name, "Date")) continue;
    message.set(mapi::PR_POSTERN_HEADER_DATE, std::string(trim(field.body)));
    break;
  }
  message.erase(mapi::PR_TRANSPORT_MESSAGE_HEADERS);
}

MessageFile read_message_file(const std::filesystem::path& path, const mime::ReadOptions& options) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, quoted(path) + " is a folder, not a message");
  }
  const bool is_input = path == standard_input;
  const auto content = is_input ? collect_standard_input() : mapi::Content::from_file(path);
  const auto form = known_form(path, first_octets(content), is_input);
  if (form == FileForm::outlook) {
    auto [message, losses] = msg::read(path);
    return {std::move(message), std::move(losses), form};
  }
  try {
    return read_content(content, form, options);
  } catch (const mapi::Failure& failure) {
    const bool names_file =
        failure.code() != mapi::MAPI_E_TOO_COMPLEX && failure.code() != mapi::MAPI_E_CORRUPT_DATA;
    if (names_file) throw;
    throw mapi::Failure(failure.code(), quoted(path) + ": " + failure.what());
  }
}

}  // namespace postern::cli
