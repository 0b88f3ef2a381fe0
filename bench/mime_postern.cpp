// The measurements of bench/mime: message objects to MIME and back, beside GMime, which makes and
// reads mails of the same parts, and beside a copy in memory.
//
// Prints one JSON object a round and row: seconds each contender took, which took turns.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmime/gmime.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "mapi/address.h"
#include "mapi/message.h"
#include "mapi/property_tags.h"
#include "mime/compose.h"
#include "mime/read_message.h"

namespace {

using namespace postern;

constexpr std::size_t block_size = std::size_t{64} << 10U;
constexpr std::size_t mebibyte = std::size_t{1} << 20U;

// ---- What is written: the same by both.

std::string text_of(std::size_t size) {
  constexpr std::string_view line =
      "The quick brown fox jumps over the lazy dog, again and again.\r\n";
  std::string text;
  while (text.size() < size) text += line;
  text.resize(size);
  return text;
}

struct Mail {
  std::string text;
  std::string html;
  std::vector<std::byte> file;
};

mapi::Message object_of(const Mail& mail) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Grüße from the bench");
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@bench.example>");
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime::now());
  for (const auto& group : {mapi::sender_group, mapi::sent_representing_group}) {
    mapi::set_address(message, group, "sender@bench.example", "The Sender");
  }
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::to, "to@bench.example", "The Recipient"));
  message.set(mapi::PR_BODY, mail.text);
  if (!mail.html.empty()) {
    const auto bytes = std::as_bytes(std::span(mail.html));
    message.set(mapi::PR_HTML, mapi::Binary(bytes.begin(), bytes.end()));
    message.set(mapi::PR_INTERNET_CPID, 65001);
  }
  if (!mail.file.empty()) {
    message.attachments.push_back(mapi::make_attachment(
        "file.bin", mapi::Content::from_bytes(mail.file), "application/octet-stream"));
  }
  return message;
}

std::size_t drain(const mapi::Content& content) {
  static std::vector<std::byte> block(block_size);
  std::size_t octets = 0;
  const auto reader = content.open();
  while (const auto count = reader->read(block)) octets += count;
  return octets;
}

std::size_t compose(const mapi::Message& message) {
  mime::ComposeOptions options;
  options.now = std::chrono::system_clock::now();
  return drain(mime::compose(message, options).content());
}

// ---- GMime

GMimeObject* text_part(const char* subtype, const std::string& text) {
  auto* part = g_mime_text_part_new_with_subtype(subtype);
  g_mime_text_part_set_charset(part, "utf-8");
  auto* stream = g_mime_stream_mem_new_with_buffer(text.data(), text.size());
  auto* data = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
  g_mime_part_set_content(GMIME_PART(part), data);
  g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_7BIT);
  g_object_unref(data);
  g_object_unref(stream);
  return GMIME_OBJECT(part);
}

void add(GMimeMultipart* multipart, GMimeObject* part) {
  g_mime_multipart_add(multipart, part);
  g_object_unref(part);
}

GMimeObject* file_part(const std::vector<std::byte>& file) {
  auto* part = g_mime_part_new_with_type("application", "octet-stream");
  auto* stream =
      g_mime_stream_mem_new_with_buffer(reinterpret_cast<const char*>(file.data()), file.size());
  auto* data = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
  g_mime_part_set_content(part, data);
  g_mime_part_set_filename(part, "file.bin");
  g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
  g_object_unref(data);
  g_object_unref(stream);
  return GMIME_OBJECT(part);
}

/// With CRLF, as a mail is sent.
std::size_t write_gmime(GMimeObject* object, GMimeStream* into) {
  auto* filtered = g_mime_stream_filter_new(into);
  auto* filter = g_mime_filter_unix2dos_new(FALSE);
  g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
  const auto count = g_mime_object_write_to_stream(object, nullptr, filtered);
  g_mime_stream_flush(filtered);
  g_object_unref(filter);
  g_object_unref(filtered);
  return static_cast<std::size_t>(count);
}

std::size_t compose_gmime(const Mail& mail) {
  auto* message = g_mime_message_new(TRUE);
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, "The Sender",
                             "sender@bench.example");
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, "The Recipient", "to@bench.example");
  g_mime_message_set_subject(message, "Grüße from the bench", "utf-8");
  g_mime_message_set_message_id(message, "1@bench.example");
  auto* body = text_part("plain", mail.text);
  if (!mail.html.empty()) {
    auto* alternative = g_mime_multipart_new_with_subtype("alternative");
    add(alternative, body);
    add(alternative, text_part("html", mail.html));
    body = GMIME_OBJECT(alternative);
  }
  if (!mail.file.empty()) {
    auto* mixed = g_mime_multipart_new_with_subtype("mixed");
    add(mixed, body);
    add(mixed, file_part(mail.file));
    body = GMIME_OBJECT(mixed);
  }
  g_mime_message_set_mime_part(message, body);
  auto* null = g_mime_stream_null_new();
  const auto octets = write_gmime(GMIME_OBJECT(message), null);
  g_object_unref(null);
  g_object_unref(body);
  g_object_unref(message);
  return octets;
}

std::size_t read_and_write_gmime(const std::string& mail) {
  auto* stream = g_mime_stream_mem_new_with_buffer(mail.data(), mail.size());
  auto* parser = g_mime_parser_new_with_stream(stream);
  auto* message = g_mime_parser_construct_message(parser, nullptr);
  auto* null = g_mime_stream_null_new();
  const auto octets = write_gmime(GMIME_OBJECT(message), null);
  g_object_unref(null);
  g_object_unref(message);
  g_object_unref(parser);
  g_object_unref(stream);
  return octets;
}

// ---- Rows

struct Contender {
  std::string name;
  std::function<std::size_t()> run;  ///< returns octets
};
struct Row {
  std::string name;
  std::size_t times;  ///< in a round
  std::vector<Contender> contenders;
};

std::string mime_of(const mapi::Message& message) {
  mime::ComposeOptions options;
  options.now = std::chrono::system_clock::now();
  const auto bytes = mime::compose(message, options).content().read_all(std::uint64_t{1} << 32U);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Row writing(const std::string& name, std::size_t times, const Mail& mail) {
  const auto object = object_of(mail);
  return {name,
          times,
          {{"postern", [object] { return compose(object); }},
           {"gmime", [mail] { return compose_gmime(mail); }}}};
}

Row writing_beside_a_copy(const std::string& name, std::size_t times, const Mail& mail) {
  auto row = writing(name, times, mail);
  auto source = mime_of(object_of(mail));
  row.contenders.push_back(
      {"memcpy", [source, target = std::string(source.size(), '\0')]() mutable {
         std::memcpy(target.data(), source.data(), source.size());
         return target.size();
       }});
  return row;
}

Row reading(const std::string& name, std::size_t times, const Mail& mail) {
  const auto octets = mime_of(object_of(mail));
  const auto content = mapi::Content::from_text(octets);
  return {name,
          times,
          {{"postern", [content] { return compose(mime::read_message(content).message); }},
           {"gmime", [octets] { return read_and_write_gmime(octets); }}}};
}

std::vector<std::byte> octets_of(std::size_t size) {
  std::vector<std::byte> octets(size);
  std::uint32_t state = 1;
  for (auto& octet : octets)
    octet = static_cast<std::byte>((state = state * 1664525U + 1013904223U) >> 24U);
  return octets;
}

struct NamedRow {
  const char* name;
  std::function<Row(const char*)> make;  ///< only what is measured is made
};

std::vector<NamedRow> rows() {
  const auto plain = [] { return Mail{text_of(2048), {}, {}}; };
  const auto alternative = [] {
    return Mail{text_of(1024), "<html><body><p>" + text_of(1024) + "</p></body></html>", {}};
  };
  const auto big = [] { return Mail{text_of(2048), {}, octets_of(25 * mebibyte)}; };
  return {
      {"write, 2 KB plain", [=](auto name) { return writing(name, 4000, plain()); }},
      {"write, 2 KB alternative", [=](auto name) { return writing(name, 4000, alternative()); }},
      {"write, 25 MiB attachment",
       [=](auto name) { return writing_beside_a_copy(name, 4, big()); }},
      {"read and write, 2 KB plain", [=](auto name) { return reading(name, 2000, plain()); }},
      {"read and write, 2 KB alternative",
       [=](auto name) { return reading(name, 2000, alternative()); }},
      {"read and write, 25 MiB attachment", [=](auto name) { return reading(name, 4, big()); }}};
}

double seconds(const Row& row, const Contender& contender) {
  const auto begin = std::chrono::steady_clock::now();
  std::size_t octets = 0;
  for (std::size_t i = 0; i < row.times; ++i) octets += contender.run();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  if (octets == 0) throw std::runtime_error(contender.name + " wrote nothing");
  return time.count() / static_cast<double>(row.times);
}

// ---- Memory: one thing, measured by whoever runs the program for it alone.

long peak_kibibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Of a file that takes no place on the disk.
void memory_of_a_gibibyte() {
  const auto path =
      std::filesystem::temp_directory_path() / ("postern-bench-" + std::to_string(::getpid()));
  std::ofstream(path).close();
  std::filesystem::resize_file(path, std::uintmax_t{1} << 30U);
  auto message = object_of({"text", {}, {}});
  message.attachments.push_back(mapi::make_attachment("big.bin", mapi::Content::from_file(path)));
  compose(message);
  std::filesystem::remove(path);
}

/// The text itself is in memory, 50 MB.
void memory_of_a_line() {
  constexpr std::size_t size = 50'000'000;
  auto message = object_of({});
  message.set(mapi::PR_BODY, std::string(size, 'x'));
  compose(message);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"The measurements of bench/mime"};
  std::size_t rounds = 5;
  std::string memory;
  program.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
  std::string only;
  std::string contender;
  program.add_option("--only", only, "Rows with this in their name");
  program.add_option("--contender", contender, "It alone, for a profile");
  program.add_option("--memory", memory)->check(CLI::IsMember({"attachment", "line"}));
  CLI11_PARSE(program, argc, argv);
  g_mime_init();
  if (!memory.empty()) {
    memory == "line" ? memory_of_a_line() : memory_of_a_gibibyte();
    fmt::print("{{\"peak_kib\":{}}}\n", peak_kibibytes());
    return 0;
  }
  for (const auto& [name, make] : rows()) {
    if (std::string_view(name).find(only) == std::string::npos) continue;
    const auto row = make(name);
    for (std::size_t round = 0; round < rounds; ++round) {
      std::string line = fmt::format("{{\"row\":\"{}\"", row.name);
      for (const auto& each : row.contenders) {
        if (!contender.empty() && each.name != contender) continue;
        line += fmt::format(",\"{}\":{:.9f}", each.name, seconds(row, each));
      }
      fmt::print("{}}}\n", line);
      std::fflush(stdout);
    }
  }
}
