// The outcomes of a message's recipients, as a table for people and as JSON for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/output/table.h"
#include "mapi/message.h"
#include "mapi/recipient_outcome.h"

namespace postern::cli {

struct RecipientView {
  std::string address;
  std::string type;            ///< "to", "cc", "bcc"
  bool is_shown_only = false;  ///< who has the message already, or is sent to in another way
  Verdict verdict = Verdict::retry;
  std::optional<Stage> stage;  ///< nullopt: it was never tried
  int code = 0;
  bool own_words = false;  ///< the text is no server's, whatever the code
  std::string status;
  std::string text;
  std::string host;
  int attempts = 0;
};

/// `waiting_for`: why there was no attempt yet (a suspended route); shown for rows without an
/// outcome.
std::vector<RecipientView> recipients_of(const mapi::Message& message,
                                         const std::string& waiting_for = {});

/// {"file","id","message_id","subject","error"?,"recipients":[…]}
nlohmann::ordered_json to_json(const std::optional<std::string>& file,
                               const std::optional<std::string>& id, const mapi::Message& message,
                               const std::vector<RecipientView>& recipients);
/// The same for a file that could not be submitted: "error" says why, the rest is empty.
nlohmann::ordered_json error_json(const std::string& file, const std::string& error);

/// Prints one line of JSON; invalid UTF-8 becomes U+FFFD.
void print_json(const nlohmann::ordered_json& object);
/// The line, with its end.
std::string json_line(const nlohmann::ordered_json& object);

/// Adds one line per recipient to a table made with `verdict_table`.
Table verdict_table();
void add_rows(Table& table, const std::string& id, const std::vector<RecipientView>& recipients);

/// "250 2.0.0 Ok: queued", or our own sentence if no reply was the cause.
std::string answer(const RecipientView& recipient);

std::string type_name(const mapi::Recipient& recipient);

}  // namespace postern::cli
