// What the benchmarks of the queue submit, and how.
#pragma once

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "mapi/address.h"
#include "mapi/message.h"
#include "mapi/msg_store.h"
#include "mapi/property_tags.h"

namespace postern::bench {

inline mapi::Message queued_message(std::size_t octets) {
  constexpr std::size_t line = 64;
  std::string body;
  while (body.size() + line + 2 <= octets) body += std::string(line, 'x') + "\r\n";
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "A message of the queue benchmark");
  message.set(mapi::PR_BODY, body);
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  mapi::set_address(message, mapi::sender_group, "sender@a.test");
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "recipient@b.test"));
  return message;
}

/// Submits `count` of them by so many threads at once.
inline void submit_all(mapi::MsgStore& store, const mapi::Message& message, std::size_t count,
                       std::size_t threads) {
  const auto outbox = store.folder(mapi::SpecialFolder::outbox);
  std::vector<std::thread> submitters;
  for (std::size_t i = 0; i < threads; ++i) {
    const auto share = count / threads + (i < count % threads ? 1 : 0);
    submitters.emplace_back([&store, &message, &outbox, share] {
      for (std::size_t n = 0; n < share; ++n) store.submit(outbox, message);
    });
  }
  for (auto& submitter : submitters) submitter.join();
}

}  // namespace postern::bench
