// What the tests of this room share: a directory that vanishes, files as octets, messages by hand.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/message.h"
#include "mapi/property_tags.h"
#include "msg/msg_file.h"
#include "tests/temporary_directory.h"

namespace postern::msg::test {

using postern::test::TemporaryDirectory;

inline std::vector<char> load_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void save_file(const std::filesystem::path& path, const std::vector<char>& octets) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

inline mapi::Binary binary(std::string_view text) {
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

inline std::string text_of(const mapi::Content& content) {
  const auto octets = content.read_all();
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// The properties the writer adds, so that what is read back equals what was written.
inline mapi::Message with_support_mask(mapi::Message message) {
  message.set(mapi::PR_STORE_SUPPORT_MASK, 0x00040000);
  return message;
}

inline mapi::Message note(const std::string& subject) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, subject);
  message.set(mapi::PR_BODY, "The body of " + subject);
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::to, "to@example.com", "Somebody"));
  return with_support_mask(message);
}

/// Runs `call` and gives the failure it throws.
template <class Call>
mapi::Failure failure_of(Call call) {
  try {
    call();
  } catch (const mapi::Failure& failure) {
    return failure;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {mapi::S_OK, ""};
}

}  // namespace postern::msg::test
