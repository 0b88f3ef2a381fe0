#include "smtp/dialogue/verdict.h"

#include <array>
#include <utility>

#include "smtp/dialogue/stage_set.h"

namespace postern::smtp {
namespace {

constexpr StageSet any = ~0U;
constexpr StageSet at_greeting = set_of(Stage::greeting);
constexpr StageSet at_security = set_of(Stage::starttls) | set_of(Stage::auth);
constexpr StageSet at_message = at_data | at_content;

struct TableRow {
  int code;
  StageSet stages;
  EnhancedStatus status;
};

/// mapi-submission.md §9, read from the top.
constexpr std::array table{
    TableRow{421, any, {4, 3, 2}},
    TableRow{450, at_rcpt, {4, 2, 0}},
    TableRow{451, any, {4, 3, 0}},
    TableRow{452, at_rcpt, {4, 5, 3}},
    TableRow{452, at_mail | at_message, {4, 3, 1}},
    TableRow{454, at_security, {4, 7, 0}},
    TableRow{455, any, {4, 5, 4}},
    TableRow{500, any, {5, 5, 1}},
    TableRow{501, at_rcpt, {5, 1, 3}},
    TableRow{501, at_mail, {5, 1, 7}},
    TableRow{502, any, {5, 5, 1}},
    TableRow{503, any, {5, 5, 1}},
    TableRow{504, any, {5, 5, 4}},
    TableRow{521, any, {5, 3, 2}},
    TableRow{530, any, {5, 7, 0}},
    TableRow{534, at_security, {5, 7, 8}},
    TableRow{535, at_security, {5, 7, 8}},
    TableRow{538, at_security, {5, 7, 8}},
    TableRow{550, at_rcpt, {5, 1, 1}},
    TableRow{550, at_mail | at_message, {5, 7, 1}},
    TableRow{551, at_rcpt, {5, 1, 6}},
    TableRow{552, at_rcpt, {5, 2, 2}},
    TableRow{552, at_mail | at_message, {5, 3, 4}},
    TableRow{553, at_rcpt, {5, 1, 3}},
    TableRow{553, at_mail, {5, 1, 7}},
    TableRow{554, at_greeting, {5, 3, 2}},
    TableRow{555, any, {5, 5, 4}},
    TableRow{556, at_rcpt, {5, 1, 10}},
};

EnhancedStatus status_of(Loss::Cause cause) {
  switch (cause) {
    case Loss::Cause::closed:
    case Loss::Cause::timed_out:
      return {4, 4, 2};
    case Loss::Cause::ended_by_server:
      return {4, 3, 2};
    case Loss::Cause::out_of_sync:
      return {4, 5, 0};
    case Loss::Cause::stopped:
    case Loss::Cause::source_failed:
    case Loss::Cause::no_resources:
      return {4, 3, 0};
  }
  std::abort();
}

}  // namespace

ReplyMeaning meaning_of(Stage stage, const Reply& reply) {
  if (reply.code == 421) return ReplyMeaning::closing;
  switch (reply.reply_class()) {
    case 2:
      return stage == Stage::data ? ReplyMeaning::out_of_sync : ReplyMeaning::accepted;
    case 3:
      return stage == Stage::data && reply.code == 354 ? ReplyMeaning::send_content
                                                       : ReplyMeaning::out_of_sync;
    case 4:
    case 5:
      return ReplyMeaning::refused;
    default:
      return ReplyMeaning::out_of_sync;
  }
}

std::optional<EnhancedStatus> own_status(const Reply& reply) {
  const std::string_view text = reply.text;
  return EnhancedStatus::parse(text.substr(0, text.find_first_of(" \t\n")));
}

bool is_push_back(const Outcome& outcome) {
  if (outcome.code == 421) return true;
  if (outcome.code / 100 != 4 || outcome.stage == Stage::rcpt) return false;
  const int subject = outcome.status.subject;
  const bool of_the_content = outcome.stage == Stage::content || outcome.stage == Stage::end;
  return subject == 3 || subject == 4 || (subject == 7 && !of_the_content);
}

EnhancedStatus status_of(Stage stage, const Reply& reply) {
  const EnhancedStatus by_class{reply.reply_class(), 0, 0};
  if (const auto own = own_status(reply)) {
    return own->status_class == reply.reply_class() ? *own : by_class;
  }
  for (const TableRow& row : table) {
    if (row.code == reply.code && (row.stages & set_of(stage)) != 0) return row.status;
  }
  return by_class;
}

Outcome outcome_of(Stage stage, const Reply& reply, std::string_view host, TimePoint now) {
  Outcome outcome = retry_outcome_of(stage, reply, host, now);
  if (reply.reply_class() == 2) outcome.verdict = Verdict::delivered;
  if (reply.reply_class() == 5) outcome.verdict = Verdict::failed;
  return outcome;
}

Outcome retry_outcome_of(Stage stage, const Reply& reply, std::string_view host, TimePoint now) {
  return {Verdict::retry,    stage,   reply.code, status_of(stage, reply), reply.text,
          std::string(host), now.wall};
}

Outcome outcome_of(const Loss& loss, Verdict verdict, Stage stage, std::string_view host,
                   TimePoint now) {
  return {verdict, stage, 0, status_of(loss.cause), loss.text, std::string(host), now.wall};
}

Outcome local_refusal(Stage stage, EnhancedStatus status, std::string text, std::string_view host,
                      TimePoint now) {
  return {Verdict::failed, stage, 0, status, std::move(text), std::string(host), now.wall};
}

Outcome no_route(Verdict verdict, EnhancedStatus status, std::string text,
                 std::chrono::system_clock::time_point now) {
  return {verdict, Stage::connect, 0, status, std::move(text), {}, now};
}

Outcome loops_back(const std::string& domain, std::chrono::system_clock::time_point now) {
  return no_route(Verdict::failed, {5, 4, 6}, "mail for " + domain + " loops back to us", now);
}

}  // namespace postern::smtp
