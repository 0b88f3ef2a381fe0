#include "transport/imap/mailbox.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <unicode/ucnv.h>

#include "base/text.h"

namespace postern::transport::imap {
namespace {

template <typename Number>
std::optional<Number> number(std::string_view digits) {
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// "[UIDVALIDITY 3857529045]" in a status response.
std::optional<std::uint32_t> announced_validity(std::string_view text) {
  constexpr std::string_view code = "[UIDVALIDITY ";
  const auto at = upper_case(text).find(code);
  if (at == std::string::npos) return std::nullopt;
  const auto digits = text.substr(at + code.size());
  return number<std::uint32_t>(digits.substr(0, digits.find(']')));
}

/// "UNAVAILABLE" of "NO [UNAVAILABLE] user database is down"; empty: there is no code.
std::string response_code(std::string_view text) {
  const auto open = text.find('[');
  if (open != text.find(' ') + 1) return {};
  return upper_case(text.substr(open + 1, text.find_first_of(" ]", open) - open - 1));
}

bool may_pass(std::string_view code) {
  constexpr std::array<std::string_view, 5> passing{"UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT",
                                                    "CONTACTADMIN"};
  return std::ranges::find(passing, code) != passing.end();
}

/// The value behind the item's name in the response to a FETCH of this mail.
std::optional<Token> fetched(const Response& response, std::uint32_t uid, std::string_view name) {
  if (response.name() != "FETCH") return std::nullopt;
  std::optional<Token> value;
  bool is_of_mail = false;
  auto tokens = response.tokens();
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::atom) continue;
    if (equals_ignoring_case(tokens[i].text, "UID")) {
      is_of_mail = number<std::uint32_t>(tokens[i + 1].text) == uid;
    } else if (equals_ignoring_case(tokens[i].text, name)) {
      value = std::move(tokens[++i]);
    }
  }
  return is_of_mail ? value : std::nullopt;
}

bool is_read_only(std::string_view text) {
  return upper_case(text).find("[READ-ONLY]") != std::string::npos;
}

}  // namespace

Mailbox::Mailbox(Wire& wire, std::string_view folder, std::size_t longest_mail)
    : wire_(wire), reader_(longest_mail), longest_answer_(longest_mail + (std::size_t{8} << 20U)) {
  const auto name = quoted_folder(folder);
  const auto responses = command("SELECT " + name);
  for (const auto& response : responses) {
    if (const auto validity = announced_validity(response.text())) uid_validity_ = *validity;
  }
  if (is_read_only(responses.back().text())) {
    throw Refusal("nothing can be marked in the folder " + name + ": the server says '" +
                  printable(responses.back().text()) + "'");
  }
}

std::vector<std::uint32_t> Mailbox::search_unseen() {
  std::vector<std::uint32_t> uids;
  for (const auto& response : command("UID SEARCH UNSEEN UNDELETED")) {
    if (response.name() != "SEARCH") continue;
    for (const auto& token : response.tokens()) {
      if (const auto uid = number<std::uint32_t>(token.text)) uids.push_back(*uid);
    }
  }
  return uids;
}

std::optional<std::uint64_t> Mailbox::size_of(std::uint32_t uid) {
  const auto size = fetch_item(uid, "RFC822.SIZE", "RFC822.SIZE");
  return size ? number<std::uint64_t>(size->text) : std::nullopt;
}

std::optional<std::string> Mailbox::fetch(std::uint32_t uid) {
  auto body = fetch_item(uid, "BODY.PEEK[]", "BODY[]");
  if (!body || body->kind != Token::Kind::string) return std::nullopt;  // NIL (RFC 2180 §4.1)
  return std::move(body->text);
}

void Mailbox::mark_seen(std::uint32_t uid) {
  command("UID STORE " + std::to_string(uid) + " +FLAGS.SILENT (\\Seen)");
}

void Mailbox::log_out() {
  command("LOGOUT");
}

std::optional<Token> Mailbox::fetch_item(std::uint32_t uid, std::string_view item,
                                         std::string_view name) {
  for (const auto& response :
       command("UID FETCH " + std::to_string(uid) + " (" + std::string(item) + ")")) {
    if (auto value = fetched(response, uid, name)) return value;
  }
  return std::nullopt;
}

/// What the server answers, the tagged response last.
std::vector<Response> Mailbox::command(std::string_view text) {
  const std::string tag = "P" + std::to_string(++commands_);
  wire_.send(tag + ' ' + std::string(text) + "\r\n");
  octets_ = 0;
  std::vector<Response> responses;
  const bool leaving = text == "LOGOUT";
  for (;;) {
    responses.push_back(receive());
    const auto& response = responses.back();
    const auto status = response.name();
    if (response.tag() == tag) {
      if (status == "OK") return responses;
    } else if (status != "BYE" || leaving) {
      continue;
    }
    const auto words = text.substr(0, text.find(' ', text.starts_with("UID ") ? 4 : 0));
    const auto refused =
        "the server answers '" + printable(response.text()) + "' to " + std::string(words);
    if (response.tag() != tag || status == "BAD") throw ProtocolError(refused);
    const auto code = response_code(response.text());
    if (code == "EXPUNGEISSUED") return responses;  // the mail is gone
    if (may_pass(code)) throw Unavailable(refused);
    throw Refusal(refused);
  }
}

Response Mailbox::receive() {
  for (;;) {
    if (auto response = reader_.next()) return std::move(*response);
    const auto octets = wire_.receive();
    octets_ += octets.size();
    if (octets_ > longest_answer_) throw ProtocolError("the server sends more than was asked for");
    reader_.push(octets);
  }
}

std::string quoted_folder(std::string_view folder) {
  UErrorCode error = U_ZERO_ERROR;
  std::string name(folder.size() * 5 + 8, '\0');  // a character takes at most so many octets
  const auto size =
      ucnv_convert("IMAP-mailbox-name", "UTF-8", name.data(), static_cast<int32_t>(name.size()),
                   folder.data(), static_cast<int32_t>(folder.size()), &error);
  if (U_FAILURE(error) != 0) throw Refusal("the folder's name cannot be written in UTF-7");
  name.resize(static_cast<std::size_t>(size));
  std::string quoted = "\"";
  for (const char octet : name) {
    if (octet == '"' || octet == '\\') quoted += '\\';
    quoted += octet;
  }
  return quoted + '"';
}

}  // namespace postern::transport::imap
