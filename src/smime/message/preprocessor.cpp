#include "smime/preprocessor.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mapi/temporary_file.h"
#include "mime/compose.h"
#include "smime/message/audience.h"
#include "smime/message/protection.h"
#include "smime/secured_entity.h"

namespace postern::smime {
namespace {

/// What the steps share.
struct Work {
  const SmimeOptions& options;
  std::chrono::system_clock::time_point now;
  std::filesystem::path directory;
  std::string from;
};

std::filesystem::path temporary_directory(const SmimeOptions& options) {
  const auto& chosen = options.temporary_directory;
  return chosen.empty() ? mapi::temporary_directory() : chosen;
}

// RFC 3463 §3.8: a key is not available. §3.7: the message cannot be converted.
constexpr EnhancedStatus no_key{5, 7, 5};
constexpr EnhancedStatus cannot_be_converted{5, 6, 0};

mapi::Recipient undeliverable(mapi::Recipient row, const std::string& why, EnhancedStatus status,
                              std::chrono::system_clock::time_point now) {
  mapi::set_outcome(row, {.verdict = Verdict::failed,
                          .stage = Stage::compose,
                          .code = 0,
                          .status = status,
                          .text = why,
                          .host = {},
                          .time = now,
                          .attempted = false});
  row.set(mapi::PR_REPORT_TEXT, why);
  return row;
}

mapi::PreprocessResult refuse_all(const mapi::Message& message, const std::string& why,
                                  EnhancedStatus status,
                                  std::chrono::system_clock::time_point now) {
  mapi::PreprocessResult result;
  for (const auto& row : message.recipients) {
    if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;
    result.undeliverable.push_back(undeliverable(row, why, status, now));
  }
  return result;
}

/// The sender's identity; nullopt: there is none. One that cannot be used is the operator's matter.
std::optional<Identity> identity_of_sender(const Work& work) {
  if (!work.options.identities) return std::nullopt;
  auto identity = work.options.identities->identity(work.from);
  if (!identity) return std::nullopt;
  if (const auto fault =
          identity->certificate().fault(CertificateUse::signing, work.from, work.now)) {
    throw mapi::Failure(mapi::MAPI_E_UNCONFIGURED,
                        "the certificate in " + identity->name() + " " + *fault);
  }
  return identity;
}

/// So that the sender can read what comes back. It is no fault if there is none.
std::optional<Certificate> certificate_of_sender(const Work& work) {
  std::vector<Certificate> candidates;
  if (work.options.certificates) candidates = work.options.certificates->certificates(work.from);
  if (work.options.identities) {
    if (const auto own = work.options.identities->identity(work.from)) {
      candidates.push_back(own->certificate());
    }
  }
  for (const auto& each : candidates) {
    if (!each.fault(CertificateUse::encryption, work.from, work.now)) return each;
  }
  return std::nullopt;
}

void attach(mapi::Message& message, mapi::Content entity, std::int32_t number) {
  auto attachment = mapi::make_attachment("smime.p7m", std::move(entity));
  attachment.set(mapi::PR_ATTACHMENT_HIDDEN, true);
  attachment.set(mapi::PR_POSTERN_SECURED_ENTITY, number);
  message.attachments.push_back(std::move(attachment));
}

mapi::PreprocessResult encrypt_for_all(mapi::Message& message, const mapi::Content& entity,
                                       const Work& work) {
  mapi::PreprocessResult result;
  const auto divided = audiences(message, work.options.certificates.get(), work.now);
  for (const auto& [row, why] : divided.unserved) {
    result.undeliverable.push_back(
        undeliverable(message.recipients.at(row), why, no_key, work.now));
  }
  const auto own = certificate_of_sender(work);
  for (const auto& audience : divided.served) {
    auto certificates = audience.certificates;
    if (own) certificates.push_back(*own);
    attach(message, encrypt(entity, certificates, work.directory), audience.number);
    for (const auto row : audience.rows) {
      if (audience.number == 0) continue;
      message.recipients.at(row).set(mapi::PR_POSTERN_SECURED_ENTITY, audience.number);
    }
  }
  return result;
}

void remove_info(mapi::Message& message) {
  std::erase_if(message.attachments, [](const mapi::Attachment& attachment) {
    return attachment.get(mapi::PR_POSTERN_SECURED_ENTITY).has_value();
  });
  for (auto& row : message.recipients) row.erase(mapi::PR_POSTERN_SECURED_ENTITY);
}

mapi::PreprocessResult secure(mapi::Message& message, const mime::Plan& content, const Work& work) {
  const auto asked = asked_protection(message);
  const auto has = protection_of(content.content_type());
  const bool signs = asked.is_signed && !has.is_signed && !has.is_encrypted;
  const bool encrypts = asked.is_encrypted && !has.is_encrypted;
  auto entity = content.content();
  if (signs) {
    const auto identity = identity_of_sender(work);
    if (!identity) {
      return refuse_all(message,
                        "the message is to be signed, and there is no key and certificate of '" +
                            printable(work.from) + "' to sign with",
                        no_key, work.now);
    }
    entity = sign(entity, *identity, work.directory);
  }
  if (encrypts) return encrypt_for_all(message, entity, work);
  if (signs) attach(message, std::move(entity), 0);
  return {};
}

mapi::PreprocessResult preprocess(mapi::Message& message, const SmimeOptions& options) {
  remove_info(message);
  const auto asked = asked_protection(message);
  if (!asked.is_signed && !asked.is_encrypted) return {};
  mime::ComposeOptions compose_options;
  compose_options.now = options.now();
  compose_options.default_from = options.default_from;
  compose_options.smtputf8 = true;
  std::optional<mime::Plan> content;
  try {
    content = mime::compose_content(message, compose_options);
  } catch (const mapi::Failure& failure) {
    const bool is_fault_of_message = failure.code() == mapi::MAPI_E_INVALID_PARAMETER ||
                                     failure.code() == mapi::MAPI_E_TOO_COMPLEX;
    if (!is_fault_of_message) throw;
    return refuse_all(message, failure.what(), cannot_be_converted, compose_options.now);
  }
  mapi::keep_losses(message, content->losses);
  return secure(
      message, *content,
      {options, compose_options.now, temporary_directory(options), content->reverse_path});
}

}  // namespace

mapi::Preprocessor make_preprocessor(SmimeOptions options) {
  const auto shared = std::make_shared<const SmimeOptions>(std::move(options));
  mapi::Preprocessor preprocessor;
  preprocessor.is_needed = [](const mapi::Message& message) {
    const auto asked = asked_protection(message);
    return asked.is_signed || asked.is_encrypted;
  };
  preprocessor.preprocess = [shared](mapi::Message& message) {
    return preprocess(message, *shared);
  };
  preprocessor.remove_info = remove_info;
  return preprocessor;
}

std::optional<std::string> lacks_security(const mapi::Message& message,
                                          std::string_view content_type) {
  const auto asked = asked_protection(message);
  const auto has = protection_of(content_type);
  if (asked.is_encrypted && !has.is_encrypted) {
    return "the message is to be encrypted, and nothing here encrypts it; configure S/MIME";
  }
  // What is encrypted may be signed inside.
  if (asked.is_signed && !has.is_signed && !has.is_encrypted) {
    return "the message is to be signed, and nothing here signs it; configure S/MIME";
  }
  return std::nullopt;
}

}  // namespace postern::smime
