// What GMime finds in mails: a line of JSON for each file that is named on a line of the standard
// input.
#include <gmime/gmime.h>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

namespace {

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

void note_warning(gint64 offset, GMimeParserWarning code, const gchar* item, gpointer problems) {
  static_cast<nlohmann::json*>(problems)->push_back("warning " + std::to_string(code) + " at " +
                                                    std::to_string(offset) + ": " + text_of(item));
}

nlohmann::json addresses(InternetAddressList* list) {
  auto found = nlohmann::json::array();
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    auto* address = internet_address_list_get_address(list, i);
    if (!INTERNET_ADDRESS_IS_MAILBOX(address)) continue;
    found.push_back(text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))));
  }
  return found;
}

std::string content_of(GMimePart* part) {
  auto* stream = g_mime_stream_mem_new();
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), stream);
  const auto* octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
  std::string content(reinterpret_cast<const char*>(octets->data), octets->len);
  g_object_unref(stream);
  return content;
}

std::string digest(const std::string& octets) {
  gchar* text = g_compute_checksum_for_data(
      G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(octets.data()), octets.size());
  std::string found = text_of(text);
  g_free(text);
  return found;
}

/// Reports are leaves without content: some readers read their fields as parts.
nlohmann::json tree_of(GMimeObject* object) {
  auto* type = g_mime_object_get_content_type(object);
  gchar* type_text = g_mime_content_type_get_mime_type(type);
  nlohmann::json node{{"type", text_of(type_text)}};
  g_free(type_text);
  const bool is_report = g_mime_content_type_is_type(type, "message", "*") != 0 &&
                         g_mime_content_type_is_type(type, "message", "rfc822") == 0;
  if (is_report) return node;
  if (GMIME_IS_MULTIPART(object)) {
    const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
    node["parts"] = nlohmann::json::array();
    for (int i = 0; i < count; ++i) {
      node["parts"].push_back(tree_of(g_mime_multipart_get_part(GMIME_MULTIPART(object), i)));
    }
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    auto* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    node["parts"] = {tree_of(g_mime_message_get_mime_part(message))};
  } else if (GMIME_IS_PART(object)) {
    auto content = content_of(GMIME_PART(object));
    node["name"] = text_of(g_mime_part_get_filename(GMIME_PART(object)));
    node["sha256"] = digest(content);
    std::erase(content, '\r');
    node["lines"] = digest(content.substr(0, content.find_last_not_of('\n') + 1));
  }
  return node;
}

nlohmann::json mail_at(const std::string& path) {
  nlohmann::json found{{"file", path}, {"problems", nlohmann::json::array()}};
  auto* options = g_mime_parser_options_new();
  g_mime_parser_options_set_warning_callback(options, note_warning, &found["problems"]);
  auto* stream = g_mime_stream_file_open(path.c_str(), "r", nullptr);
  auto* parser = g_mime_parser_new_with_stream(stream);
  auto* message = g_mime_parser_construct_message(parser, options);
  if (message == nullptr) {
    found["problems"].push_back("no message");
  } else {
    found["subject"] = text_of(g_mime_message_get_subject(message));
    found["from"] = addresses(g_mime_message_get_from(message));
    found["to"] = addresses(g_mime_message_get_to(message));
    found["cc"] = addresses(g_mime_message_get_cc(message));
    found["tree"] = tree_of(g_mime_message_get_mime_part(message));
    g_object_unref(message);
  }
  g_object_unref(parser);
  g_object_unref(stream);
  g_mime_parser_options_free(options);
  return found;
}

}  // namespace

int main() {
  g_mime_init();
  for (std::string path; std::getline(std::cin, path);) {
    std::cout << mail_at(path).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
  }
  return 0;
}
