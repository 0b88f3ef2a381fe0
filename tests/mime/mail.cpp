#include "tests/mime/mail.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

void append_number(mapi::Binary& bytes, std::size_t value) {
  for (int i = 0; i < 4; ++i, value >>= 8U) bytes.push_back(static_cast<std::byte>(value));
}

constexpr std::string_view parser = R"python(
import sys, json, base64, email, email.policy, email.errors

# Content-Type's name for old Outlook is an encoded word in quotation marks, on purpose.
ALLOWED = ("encoded word inside quoted string", "missing trailing whitespace after encoded-word")

def is_allowed(name, defect):
    return name == "Content-Type" and any(text in str(defect) for text in ALLOWED)

def describe(entity):
    defects = [str(d) for d in entity.defects]
    for name, value in entity.items():
        defects += [f"{name}: {d}" for d in value.defects if not is_allowed(name, d)]
    result = {
        "headers": [[name, str(value)] for name, value in entity.items()],
        "type": entity.get_content_type(),
        "charset": entity.get_content_charset(),
        "filename": entity.get_filename(),
        "disposition": entity.get_content_disposition(),
        "cid": entity["Content-ID"],
        "defects": defects,
        "parts": [],
    }
    if entity.is_multipart():
        result["parts"] = [describe(part) for part in entity.get_payload()]
    else:
        result["content"] = base64.b64encode(entity.get_payload(decode=True)).decode()
    return result

octets = sys.stdin.buffer.read()
print(json.dumps(describe(email.message_from_bytes(octets, policy=email.policy.SMTP))))
)python";

void expect_no_defects(const nlohmann::json& entity) {
  EXPECT_TRUE(entity["defects"].empty()) << entity["defects"] << entity["headers"];
  for (const auto& part : entity["parts"]) expect_no_defects(part);
}

bool same_name(const nlohmann::json& field, std::string_view name) {
  const auto stored = field[0].get<std::string>();
  return std::equal(stored.begin(), stored.end(), name.begin(), name.end(),
                    [](char a, char b) { return std::tolower(a) == std::tolower(b); });
}

}  // namespace

ComposeOptions fixed_options() {
  ComposeOptions options;
  options.now = std::chrono::system_clock::from_time_t(1752064496);
  options.message_id_domain = "mail.example.com";
  options.random = [count = std::make_shared<unsigned>(0)](std::span<std::byte> octets) {
    ++*count;
    std::fill(octets.begin(), octets.end(), static_cast<std::byte>(*count));
  };
  return options;
}

mapi::Message simple_message() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Subject");
  message.set(mapi::PR_BODY, "Text");
  mapi::set_address(message, mapi::sent_representing_group, "sender@example.com");
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "to@example.com"));
  return message;
}

void set_html(mapi::Message& message, std::string_view html) {
  const auto bytes = std::as_bytes(std::span(html));
  message.set(mapi::PR_HTML, mapi::Binary(bytes.begin(), bytes.end()));
  message.set(mapi::PR_INTERNET_CPID, 65001);
}

void set_rtf(mapi::Message& message, std::string_view rtf) {
  mapi::Binary bytes;
  append_number(bytes, rtf.size() + 12);
  append_number(bytes, rtf.size());
  append_number(bytes, 0x414C454D);
  append_number(bytes, 0);
  const auto octets = std::as_bytes(std::span(rtf));
  bytes.insert(bytes.end(), octets.begin(), octets.end());
  message.set(mapi::PR_RTF_COMPRESSED, std::move(bytes));
}

std::string composed(const mapi::Message& message) {
  const auto plan = compose(message, fixed_options());
  expect_fit_for_the_wire(plan);
  return octets_of(plan.content());
}

std::string file_of(const mapi::Message& message) {
  auto options = fixed_options();
  options.is_file = true;
  return octets_of(compose(message, options).content());
}

void expect_fit_for_the_wire(const Plan& plan) {
  constexpr std::size_t longest_line = 998;
  const auto octets = octets_of(plan.content());
  EXPECT_EQ(octets.size(), plan.size());
  EXPECT_EQ(octets.find('\0'), std::string::npos);
  EXPECT_TRUE(octets.ends_with("\r\n"));
  bool in_headers = true;
  for (std::size_t at = 0; at < octets.size();) {
    const auto end = octets.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    ASSERT_GT(end, at);
    const auto line = octets.substr(at, end - 1 - at);
    EXPECT_EQ(octets[end - 1], '\r') << line;
    EXPECT_EQ(line.find('\r'), std::string::npos) << line;
    EXPECT_LE(line.size(), longest_line);
    if (line.empty()) in_headers = false;
    if (in_headers && !plan.has_8bit()) {
      EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 127; }))
          << line;
    }
    at = end + 1;
  }
}

nlohmann::json parsed(const std::string& octets) {
  auto result = python(parser, octets);
  expect_no_defects(result);
  return result;
}

std::string header(const nlohmann::json& entity, std::string_view name) {
  std::string value;
  int count = 0;
  for (const auto& field : entity["headers"]) {
    if (!same_name(field, name)) continue;
    value = field[1];
    ++count;
  }
  EXPECT_EQ(count, 1) << name;
  return value;
}

bool has_header(const nlohmann::json& entity, std::string_view name) {
  const auto& fields = entity["headers"];
  return std::any_of(fields.begin(), fields.end(),
                     [name](const auto& field) { return same_name(field, name); });
}

std::string content(const nlohmann::json& entity) {
  const auto encoded = entity["content"].get<std::string>();
  std::string octets(encoded.size() / 4 * 3 + 1, '\0');
  const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                    reinterpret_cast<const unsigned char*>(encoded.data()),
                                    static_cast<int>(encoded.size()));
  const auto padding = std::count(encoded.begin(), encoded.end(), '=');
  octets.resize(static_cast<std::size_t>(size - padding));
  return octets;
}

bool has_line(const std::string& octets, std::string_view line) {
  const auto whole = "\r\n" + std::string(line) + "\r\n";
  return ("\r\n" + octets).find(whole) != std::string::npos;
}

}  // namespace postern::mime
