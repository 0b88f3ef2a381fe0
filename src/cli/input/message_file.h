// A message object from a file of any form that is known here. What a file is, its content tells,
// not its name.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"
#include "mime/read_message.h"

namespace postern::cli {

enum class FileForm {
  outlook,  ///< .msg, .oft: a compound file ([MS-OXMSG])
  tnef,     ///< winmail.dat ([MS-OXTNEF])
  mail      ///< .eml: RFC 5322
};

/// How many of a file's first octets tell its form.
inline constexpr std::size_t form_window = 4096;
/// By the first octets of a file; nullopt: it is no message.
std::optional<FileForm> form_of(std::string_view first_octets);

/// In the place of a file's name: a mail is read from there, once.
inline constexpr std::string_view standard_input = "-";

struct MessageFile {
  mapi::Message message;
  std::vector<mapi::Loss> losses;
  FileForm form = FileForm::outlook;
};
/// Throws mapi::Failure with one sentence that names the file: what msg::read throws, and
/// MAPI_E_CORRUPT_DATA if the file is no message. `options`: of a mail.
MessageFile read_message_file(const std::filesystem::path& path,
                              const mime::ReadOptions& options = {});

/// Has the message that was read from a mail sent with the Date that its writer gave it: submission
/// sets PR_CLIENT_SUBMIT_TIME anew. Its header as it was, Bcc and all, goes nowhere.
void keep_written_date(mapi::Message& message);

}  // namespace postern::cli
