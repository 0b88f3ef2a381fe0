#include "mime/compose.h"

#include <algorithm>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mime/context/compose_context.h"
#include "mime/context/message_class.h"
#include "mime/header/date.h"
#include "mime/header/header_encoding.h"
#include "mime/message/message_headers.h"
#include "mime/message/note.h"
#include "mime/message/original_entity.h"
#include "mime/message/pgp_message.h"
#include "mime/message/signed_message.h"
#include "mime/message/tnef_part.h"
#include "mime/tree/serializer.h"

namespace postern::mime {

/// The tree of parts, and what came to light while it was made.
struct MessageDraft {
  std::string message_id;
  std::string reverse_path;
  std::unique_ptr<Entity> root;
  std::vector<mapi::Loss> losses;
};

namespace {

using mapi::LossKind;

constexpr unsigned deepest_nesting = 32;  // mapi-to-mime.md §1.5

/// The content of a message by its class (§7.1), with its Content-* fields.
std::unique_ptr<Entity> content_entity(const mapi::Message& message, const HeaderValues& values,
                                       unsigned depth, ComposeContext& context) {
  const Parent self{values.date, depth};
  if (depth == 0) {
    if (auto entity = secured_entity(message, context)) return entity;
  }
  const bool is_tnef = depth == 0 && goes_as_tnef(message, context.options);
  if (!is_tnef) {
    if (auto entity = original_entity(message, OriginalExtent::content, context)) return entity;
  }
  if (auto entity = pgp_encrypted_entity(message, context)) return entity;
  const auto class_name = class_of(message);
  if (is_clear_signed_class(class_name) || is_opaque_smime_class(class_name)) {
    if (auto entity = signed_entity(message, context)) return entity;
  }
  if (is_report_class(class_name)) return report_note_entity(message, self, context);
  if (is_tnef) {
    return tnef_note_entity(message, self, values.message_id, context);
  }
  return note_entity(message, self, context);
}

bool has_files(const Entity& entity) {
  const auto parts = entity.is_multipart() ? entity.parts() : std::vector<const Entity*>();
  return !entity.file_name().empty() ||
         std::ranges::any_of(parts, [](const Entity* part) { return has_files(*part); });
}

std::unique_ptr<Entity> message_entity(const mapi::Message& message, HeaderValues values,
                                       unsigned depth, ComposeContext& context) {
  auto entity = content_entity(message, values, depth, context);
  values.has_files = has_files(*entity);
  entity->prepend_fields(message_headers(message, values, context));
  return entity;
}

/// Those that the message names.
Originators stored_originators(const mapi::Message& message, ComposeContext& context) {
  auto found = originators(message, context.options);
  for (const auto& loss : found.losses) context.tell(loss);
  return found;
}

/// PR_INTERNET_MESSAGE_ID; empty if it is none.
std::string kept_message_id(const mapi::Message& message, ComposeContext& context) {
  auto id = stored_message_id(message);
  const auto stored = one_line(message.get_or(mapi::PR_INTERNET_MESSAGE_ID, ""));
  if (id.empty() && !trim(stored).empty()) {
    context.tell({LossKind::dropped, mapi::header_part("Message-ID"),
                  "the Message-ID '" + stored + "' is none and is left out"});
  }
  return id;
}

/// From and Sender of the message that is sent; the default if it names no sender (§2.5).
Originators required_originators(const mapi::Message& message, ComposeContext& context) {
  auto found = stored_originators(message, context);
  if (found.from) return found;
  const auto& otherwise = context.options.default_from;
  if (!otherwise) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "the message has no sender address and no default sender is configured");
  }
  const auto address = wire_address(*otherwise, context.options.smtputf8);
  if (!address) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "'" + one_line(*otherwise) +
                            "' is configured as the default sender and is no address that can be "
                            "sent from");
  }
  context.tell({LossKind::substituted, mapi::header_part("From"),
                "the message has no sender address; it is sent from '" + *address + "'"});
  found.from =
      Mailbox{mapi::display_name(message, mapi::sent_representing_group, *address), *address};
  return found;
}

/// Without an address, From shows the name alone (RFC 6854) or is left out (§2.5).
Originators originators_or_name(const mapi::Message& message, ComposeContext& context) {
  auto found = stored_originators(message, context);
  if (found.from) return found;
  for (const auto& group : {mapi::sent_representing_group, mapi::sender_group}) {
    const auto name = one_line(mapi::display_name(message, group, {}));
    if (name.empty()) continue;
    context.tell({LossKind::dropped, mapi::header_part("From"),
                  "of the sender '" + name + "' no address is known; From shows the name alone"});
    found.from = Mailbox{name, {}};
    return found;
  }
  context.tell({LossKind::dropped, mapi::header_part("From"),
                "the message has no sender; From is left out"});
  return found;
}

enum class Extent { whole, content };

/// PR_POSTERN_REVERSE_PATH; From if that is none. Throws if the next hop cannot have it.
std::string stored_reverse_path(std::string_view stored, const std::string& from,
                                ComposeContext& context) {
  if (stored.empty() || context.options.is_file) return std::string(stored);
  if (auto address = wire_address(stored, context.options.smtputf8)) return *std::move(address);
  if (mapi::wire_address(stored)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER, "the address to which reports go, '" +
                                                            one_line(stored) + "', is not ASCII");
  }
  context.tell({LossKind::substituted, mapi::whole_message,
                "'" + one_line(stored) +
                    "', to which reports are to go, is no address; they go to '" + from + "'"});
  return from;
}

/// Whom the envelope names as its sender: nobody for reports, From if the message names nobody.
std::string reverse_path(const mapi::Message& message, const Originators& senders, Extent extent,
                         ComposeContext& context) {
  auto from = senders.from ? senders.from->address : "";
  if (extent == Extent::content) return from;
  if (is_report_class(class_of(message))) return {};
  const auto stored = message.get(mapi::PR_POSTERN_REVERSE_PATH);
  return stored ? stored_reverse_path(*stored, from, context) : from;
}

/// What is made up for a message that is sent.
HeaderValues values_for_sending(const mapi::Message& message, ComposeContext& context) {
  HeaderValues values;
  values.originators = required_originators(message, context);
  values.date = submit_date(message);
  if (values.date.empty()) values.date = date(context.options.now).value_or("");
  values.message_id = stored_message_id(message);
  if (values.message_id.empty()) {
    values.message_id = make_message_id(context.options);
    const auto stored = one_line(message.get_or(mapi::PR_INTERNET_MESSAGE_ID, ""));
    if (!stored.empty()) {
      context.tell({LossKind::substituted, mapi::header_part("Message-ID"),
                    "the Message-ID '" + stored + "' is none; " + values.message_id +
                        " stands in its place"});
    }
  }
  return values;
}

HeaderValues values_for_file(const mapi::Message& message, ComposeContext& context) {
  HeaderValues values;
  if (context.options.default_from) {
    values.originators = required_originators(message, context);
  } else {
    values.originators = originators_or_name(message, context);
  }
  values.date = stored_date(message);
  if (values.date.empty()) values.date = date_in_transport_headers(message);
  values.message_id = kept_message_id(message, context);
  return values;
}

MessageDraft draft(const mapi::Message& message, const ComposeOptions& options, Extent extent) {
  ComposeContext context(options);
  auto values =
      options.is_file ? values_for_file(message, context) : values_for_sending(message, context);

  MessageDraft draft;
  draft.message_id = values.message_id;
  draft.reverse_path = reverse_path(message, values.originators, extent, context);
  draft.root = extent == Extent::whole ? message_entity(message, std::move(values), 0, context)
                                       : content_entity(message, values, 0, context);
  draft.losses = context.losses.take(LossKind::dropped, "more were lost or changed");
  return draft;
}

}  // namespace

struct Plan::Tree {
  std::shared_ptr<const SerializedMessage> message;
};

Plan::Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

const Entity& Plan::root() const {
  return tree_->message->root();
}

std::string Plan::content_type() const {
  return one_line(root().header().field("Content-Type").value());
}

std::uint64_t Plan::size() const {
  return tree_->message->size();
}

bool Plan::has_8bit() const {
  return tree_->message->has_8bit_body();
}

bool Plan::needs_smtputf8() const {
  return tree_->message->has_8bit_header();
}

mapi::Content Plan::content() const {
  return content_of(tree_->message);
}

Plan Plan::of(MessageDraft draft) {
  Plan plan;
  plan.message_id = std::move(draft.message_id);
  plan.reverse_path = std::move(draft.reverse_path);
  plan.losses = std::move(draft.losses);
  plan.tree_ = std::make_shared<const Tree>(
      Tree{std::make_shared<const SerializedMessage>(std::move(draft.root))});
  return plan;
}

Plan compose(const mapi::Message& message, const ComposeOptions& options) {
  return Plan::of(draft(message, options, Extent::whole));
}

Plan compose_content(const mapi::Message& message, const ComposeOptions& options) {
  return Plan::of(draft(message, options, Extent::content));
}

Check check(const mapi::Message& message, const ComposeOptions& options) {
  auto made = draft(message, options, Extent::whole);
  return {std::move(made.message_id), std::move(made.losses)};
}

std::unique_ptr<Entity> compose_embedded(const mapi::Message& message, const Parent& parent,
                                         ComposeContext& context) {
  if (parent.depth >= deepest_nesting) {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX, "messages are attached to messages more than " +
                                                      std::to_string(deepest_nesting) + " deep");
  }
  const auto first_loss = context.losses.size();
  // A message/rfc822 entity has headers in ASCII (RFC 6532 §3.7).
  const bool smtputf8 = std::exchange(context.options.smtputf8, false);
  HeaderValues values;
  values.is_embedded = true;
  values.originators = stored_originators(message, context);
  values.date = stored_date(message);
  if (values.date.empty()) values.date = parent.date;
  values.message_id = kept_message_id(message, context);
  if (!values.originators.from) {
    context.tell({LossKind::dropped, mapi::header_part("From"),
                  "no sender address is known; From is left out"});
  }
  auto entity = message_entity(message, std::move(values), parent.depth + 1, context);
  const auto subject = one_line(message.get_or(mapi::PR_SUBJECT, ""));
  mapi::place_in_attached_message(context.losses.since(first_loss), subject);
  context.options.smtputf8 = smtputf8;
  return entity;
}

}  // namespace postern::mime
