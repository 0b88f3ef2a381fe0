#include "maildir_transport.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <postern/mapi/address.h>
#include <postern/mapi/property_tags.h>
#include <postern/mapi/recipient_outcome.h>
#include <postern/mime/compose.h>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <variant>
#include <vector>

namespace fs = std::filesystem;
using namespace postern;

namespace {

[[noreturn]] void fail(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

void write_to_disk(const fs::path& path, const mapi::Content& content) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "wb"));
  if (!file) fail(path);
  const auto reader = content.open();
  std::array<std::byte, 65536> block;
  while (const auto count = reader->read(block)) {
    if (std::fwrite(block.data(), 1, count, file.get()) != count) fail(path);
  }
  if (std::fflush(file.get()) != 0 || fsync(fileno(file.get())) != 0) fail(path);
}

/// What was renamed into the directory stays there after a crash.
void sync_directory(const fs::path& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = directory >= 0 && fsync(directory) == 0;
  if (directory >= 0) close(directory);
  if (!done) fail(path);
}

/// The same at each try, and no other message's or recipient's.
std::string file_name(const mapi::EntryId& entry, const mapi::Recipient& row) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name;
  for (const auto octet : entry.bytes) {
    name += digits[std::to_integer<unsigned>(octet) >> 4U];
    name += digits[std::to_integer<unsigned>(octet) & 0xFU];
  }
  return name + '.' + std::to_string(row.get_or(mapi::PR_ROWID, 0));
}

Outcome make_outcome(Verdict verdict, Stage stage, EnhancedStatus status, std::string text) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.stage = stage;
  outcome.status = status;
  outcome.text = std::move(text);
  outcome.time = std::chrono::system_clock::now();
  return outcome;
}

Outcome keep(const fs::path& maildir, const std::string& name, const mapi::Content& content) try {
  for (const auto* part : {"tmp", "new", "cur"}) fs::create_directories(maildir / part);
  write_to_disk(maildir / "tmp" / name, content);
  fs::rename(maildir / "tmp" / name, maildir / "new" / name);
  sync_directory(maildir / "new");
  return make_outcome(Verdict::delivered, Stage::end, {2, 0, 0}, "kept in " + maildir.string());
} catch (const std::system_error& error) {  // a full disk, say: a later try may fare better
  return make_outcome(Verdict::retry, Stage::content, {4, 3, 0}, error.what());
}

/// Sends one message: it is on disk when submit_message returns.
class MaildirSender final : public mapi::XPSender {
 public:
  MaildirSender(fs::path root, mapi::SenderSupport& support)
      : root_(std::move(root)), support_(support) {}

  void submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) override {
    done(send(view));
  }
  mapi::EndMessage end_message() override {
    return rows_left_ ? mapi::EndMessage::resend_later : mapi::EndMessage::done;
  }
  void cancel_message() override {}  // writing takes no time that would be worth cancelling

 private:
  mapi::SubmitResult send(mapi::MessageHandle& view) {
    std::vector<mapi::Recipient> settled;
    const auto content = compose(view);
    for (auto& row : view.edit().recipients) {
      if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;  // another's, or done
      const auto outcome = deliver(view.entry_id(), row, content);
      mapi::set_outcome(row, outcome);
      if (is_final(outcome.verdict)) {
        row.set(mapi::PR_RESPONSIBILITY, true);
        settled.push_back(row);
      } else {
        rows_left_ = true;
      }
    }
    view.save_changes();  // before anybody hears of it
    if (settled.empty()) return {mapi::MAPI_E_WAIT, {}, {}};
    support_.status_recips(std::move(settled));
    return {mapi::S_OK, {}, {}};
  }

  /// The octets of the message, or why it cannot be put into MIME.
  using Composed = std::variant<mapi::Content, Outcome>;

  /// A Message-ID that had to be made is saved, so that every try carries the same.
  static Composed compose(mapi::MessageHandle& view) try {
    mime::ComposeOptions options;
    options.now = std::chrono::system_clock::now();
    const auto plan = mime::compose(view.message(), options);
    view.edit().set(mapi::PR_INTERNET_MESSAGE_ID, plan.message_id);
    view.save_changes();
    return plan.content();
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_INVALID_PARAMETER &&
        failure.code() != mapi::MAPI_E_TOO_COMPLEX) {
      throw;  // the store's
    }
    return make_outcome(Verdict::failed, Stage::compose, {5, 6, 0}, failure.what());
  }

  Outcome deliver(const mapi::EntryId& entry, const mapi::Recipient& row,
                  const Composed& composed) const {
    if (const auto* refusal = std::get_if<Outcome>(&composed)) return *refusal;
    const auto address = mapi::smtp_address(row, mapi::recipient_group);
    if (!address || address->find('/') != std::string::npos) {
      return make_outcome(Verdict::failed, Stage::address, {5, 1, 3},
                          "'" + mapi::address_text(row) + "' cannot be the name of a maildir");
    }
    return keep(root_ / *address, file_name(entry, row), std::get<mapi::Content>(composed));
  }

  fs::path root_;
  mapi::SenderSupport& support_;
  bool rows_left_ = false;
};

class MaildirLogon final : public mapi::XPLogon {
 public:
  explicit MaildirLogon(fs::path root) : root_(std::move(root)) {}

  [[nodiscard]] mapi::Registration registration() const override {
    mapi::Registration registration;
    registration.address_types = {"SMTP"};
    return registration;
  }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
    return std::make_unique<MaildirSender>(root_, support);
  }

 private:
  fs::path root_;
};

}  // namespace

std::unique_ptr<mapi::XPLogon> MaildirTransport::transport_logon(mapi::TransportSupport&) {
  return std::make_unique<MaildirLogon>(root_);
}
