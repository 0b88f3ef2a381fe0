// What the tests of transports have in place of a spooler and a store.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mapi/transport.h"

namespace postern::transport::test {

/// The spooler's side of one message, and of the logon. What the transport wants run is run by
/// whoever waits for its answer.
class RecordingSupport final : public mapi::TransportSupport, public mapi::SenderSupport {
 public:
  mapi::Code status_recips(std::vector<mapi::Recipient> rows) override {
    reported.insert(reported.end(), rows.begin(), rows.end());
    return mapi::S_OK;
  }
  [[nodiscard]] mapi::Code spooler_yield() const override { return mapi::S_OK; }
  void run(std::function<void()> work) override {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
    changed_.notify_one();
  }
  void ready_to_send() override {}
  void unavailable(std::chrono::system_clock::time_point, const std::string&) override {}
  void critical_error(const std::string& why) override { critical_errors.push_back(why); }
  void sent_deferred(const mapi::EntryId&) override {}
  void new_mail() override {}
  void config_changed() override {}
  void register_preprocessor(mapi::Preprocessor preprocessor) override {
    preprocessors.push_back(std::move(preprocessor));
  }
  void modify_status_row(const mapi::PropertyBag& columns) override { status_row = columns; }

  void run_until(const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    while (!done()) {
      changed_.wait(lock, [this] { return !work_.empty(); });
      auto work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  std::vector<mapi::Recipient> reported;
  std::vector<std::string> critical_errors;
  mapi::PropertyBag status_row;
  std::vector<mapi::Preprocessor> preprocessors;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
};

/// Has the message sent and waits for the answer.
inline mapi::SubmitResult submit_by(mapi::XPSender& sender, mapi::MessageHandle& handle,
                                    RecordingSupport& support) {
  std::optional<mapi::SubmitResult> result;
  sender.submit_message(handle, mapi::SubmitKind::normal,
                        [&result](const auto& answer) { result = answer; });
  support.run_until([&result] { return result.has_value(); });
  return *result;
}

/// A message whose saved states can be looked at.
class RecordingHandle final : public mapi::MessageHandle {
 public:
  explicit RecordingHandle(mapi::Message message) : message_(std::move(message)) {
    for (auto& row : message_.recipients) row.set(mapi::PR_RESPONSIBILITY, false);
  }
  [[nodiscard]] const mapi::EntryId& entry_id() const override { return entry_; }
  [[nodiscard]] const mapi::Message& message() const override { return message_; }
  mapi::Message& edit() override { return message_; }
  void save_changes() override { saved.push_back(message_); }
  void submit_message() override {}

  [[nodiscard]] Outcome outcome(std::size_t row) const {
    return mapi::outcome(message_.recipients.at(row)).value();
  }
  [[nodiscard]] bool is_settled(std::size_t row) const {
    return message_.recipients.at(row).get_or(mapi::PR_RESPONSIBILITY, false);
  }

  std::vector<mapi::Message> saved;

 private:
  mapi::EntryId entry_;
  mapi::Message message_;
};

inline mapi::Message message_to(const std::vector<std::string>& addresses) {
  mapi::Message message;
  message.set(mapi::PR_SUBJECT,
              "Gr\xC3\xBC\xC3\x9F"
              "e");
  message.set(mapi::PR_BODY, "Hello\r\n.\r\nthere\r\n");
  mapi::set_address(message, mapi::sender_group, "sender@example.com", "Sender");
  for (const auto& address : addresses) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
  }
  return message;
}

/// To the first address, and to each other one in an entity of its own.
inline mapi::Message secured_message_to(const std::vector<std::string>& addresses) {
  auto message = message_to(addresses);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    auto& row = message.recipients[i];
    const auto number = static_cast<std::int32_t>(i);
    if (number > 0) row.set(mapi::PR_RECIPIENT_TYPE, static_cast<int>(mapi::RecipientType::bcc));
    if (number > 0) row.set(mapi::PR_POSTERN_SECURED_ENTITY, number);
    auto entity = mapi::make_attachment(
        "smime.p7m", mapi::Content::from_text("Content-Type: multipart/signed; boundary=b\r\n\r\n"
                                              "entity " +
                                              std::to_string(i) + "\r\n"));
    entity.set(mapi::PR_POSTERN_SECURED_ENTITY, number);
    message.attachments.push_back(std::move(entity));
  }
  return message;
}

}  // namespace postern::transport::test
