#include "cli/output/verdict_view.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t widest_answer = 100;

RecipientView view_of(const mapi::Recipient& row, const std::string& waiting_for) {
  RecipientView view;
  view.address = mapi::address_text(row);
  view.type = type_name(row);
  view.attempts = mapi::attempts(row);
  const auto outcome = mapi::outcome(row);
  if (!outcome) {
    view.is_shown_only = row.get_or(mapi::PR_RESPONSIBILITY, false);
    view.text = waiting_for.empty() ? "not tried yet" : waiting_for;
    return view;
  }
  view.verdict = outcome->verdict;
  view.stage = outcome->stage;
  view.code = outcome->code;
  view.status = outcome->status.text();
  view.text = outcome->text;
  view.own_words = outcome->own_words;
  view.host = outcome->host;
  return view;
}

}  // namespace

std::string type_name(const mapi::Recipient& recipient) {
  switch (mapi::recipient_type(recipient).value_or(mapi::RecipientType::to)) {
    case mapi::RecipientType::cc:
      return "cc";
    case mapi::RecipientType::bcc:
      return "bcc";
    default:
      return "to";
  }
}

std::vector<RecipientView> recipients_of(const mapi::Message& message,
                                         const std::string& waiting_for) {
  std::vector<RecipientView> views;
  for (const auto& row : message.recipients) views.push_back(view_of(row, waiting_for));
  return views;
}

ordered_json to_json(const std::optional<std::string>& file, const std::optional<std::string>& id,
                     const mapi::Message& message, const std::vector<RecipientView>& recipients) {
  ordered_json object;
  if (file) object["file"] = *file;
  if (id) object["id"] = *id;
  object["message_id"] = std::string(message.get_or(mapi::PR_INTERNET_MESSAGE_ID, ""));
  object["subject"] = std::string(message.get_or(mapi::PR_SUBJECT, ""));
  object["recipients"] = ordered_json::array();
  for (const auto& recipient : recipients) {
    object["recipients"].push_back({{"address", recipient.address},
                                    {"type", recipient.type},
                                    {"verdict", std::string(name(recipient.verdict))},
                                    {"stage", recipient.stage ? name(*recipient.stage) : ""},
                                    {"code", recipient.code},
                                    {"status", recipient.status},
                                    {"text", recipient.text},
                                    {"host", recipient.host},
                                    {"attempts", recipient.attempts}});
  }
  return object;
}

ordered_json error_json(const std::string& file, const std::string& error) {
  return {{"file", file},  {"id", ""},       {"message_id", ""},
          {"subject", ""}, {"error", error}, {"recipients", ordered_json::array()}};
}

std::string json_line(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

void print_json(const ordered_json& object) {
  std::fputs(json_line(object).c_str(), stdout);
  std::fflush(stdout);
}

Table verdict_table() {
  return Table({"ID", "RECIPIENT", "TYPE", "VERDICT", "TRIES", "ANSWER"});
}

void add_rows(Table& table, const std::string& id, const std::vector<RecipientView>& recipients) {
  for (const auto& recipient : recipients) {
    table.add({id, recipient.address, recipient.type, std::string(name(recipient.verdict)),
               std::to_string(recipient.attempts), for_display(answer(recipient), widest_answer)});
  }
}

std::string answer(const RecipientView& recipient) {
  std::string text;
  if (recipient.own_words) return recipient.text;
  if (recipient.code != 0) text += std::to_string(recipient.code) + ' ';
  if (!recipient.status.empty() && !recipient.text.starts_with(recipient.status)) {
    text += recipient.status + ' ';
  }
  return text + recipient.text;
}

}  // namespace postern::cli
