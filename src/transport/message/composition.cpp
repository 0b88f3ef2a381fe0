#include "transport/message/composition.h"

#include <chrono>
#include <utility>

#include "base/host_name.h"
#include "mapi/loss.h"
#include "mapi/property_tags.h"

namespace postern::transport {
namespace {

/// The sender of the message has to correct it: a later attempt would fail as well.
bool is_fault_of_message(mapi::Code code) {
  return code == mapi::MAPI_E_INVALID_PARAMETER || code == mapi::MAPI_E_TOO_COMPLEX;
}

mime::ComposeOptions compose_options(const CompositionSettings& settings,
                                     std::int32_t secured_entity) {
  mime::ComposeOptions options;
  options.now = std::chrono::system_clock::now();
  options.message_id_domain =
      settings.message_id_domain.empty() ? host_name() : settings.message_id_domain;
  options.default_from = settings.default_from;
  options.secured_entity = secured_entity;
  options.smtputf8 = true;
  return options;
}

/// nullopt: the sender's own address is not ASCII.
std::optional<mime::Plan> ascii_plan(const mapi::Message& message, mime::ComposeOptions options) {
  options.smtputf8 = false;
  try {
    return mime::compose(message, options);
  } catch (const mapi::Failure& failure) {
    if (!is_fault_of_message(failure.code())) throw;
    return std::nullopt;
  }
}

/// What the sender finds with the message. To save what is saved already costs nothing.
void keep_facts(mapi::MessageHandle& view, const mime::Plan& plan) {
  const bool has_id = view.message().get(mapi::PR_INTERNET_MESSAGE_ID) == plan.message_id;
  if (has_id && plan.losses.empty()) return;
  auto& message = view.edit();
  message.set(mapi::PR_INTERNET_MESSAGE_ID, plan.message_id);
  mapi::keep_losses(message, plan.losses);
  view.save_changes();
}

Outcome refusal(EnhancedStatus status, const std::string& sentence) {
  return {.verdict = Verdict::failed,
          .stage = Stage::compose,
          .code = 0,
          .status = status,
          .text = sentence,
          .host = {},
          .time = std::chrono::system_clock::now()};
}

}  // namespace

std::variant<Composition, Outcome> compose_offered(mapi::MessageHandle& view,
                                                   const CompositionSettings& settings,
                                                   std::int32_t secured_entity) {
  Composition composition;
  auto& plan = composition.plan;
  auto options = compose_options(settings, secured_entity);
  try {
    plan = mime::compose(view.message(), options);
  } catch (const mapi::Failure& failure) {
    if (!is_fault_of_message(failure.code())) throw;
    return conversion_failure(failure.what());
  }
  if (const auto why = smime::lacks_security(view.message(), plan.content_type())) {
    return refusal({5, 7, 4}, *why);
  }
  keep_facts(view, plan);
  if (plan.needs_smtputf8()) composition.ascii = ascii_plan(view.message(), std::move(options));
  return composition;
}

void register_smime(mapi::TransportSupport& support, std::optional<smime::SmimeOptions> options,
                    const CompositionSettings& settings) {
  if (!options) return;
  options->default_from = settings.default_from;
  support.register_preprocessor(smime::make_preprocessor(*std::move(options)));
}

Outcome conversion_failure(const std::string& sentence) {
  return refusal({5, 6, 0}, sentence);
}

}  // namespace postern::transport
