#include "transport/maildir_source.h"

#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/thread_signals.h"
#include "mapi/property_tags.h"
#include "transport/inbound/mail_selection.h"
#include "transport/inbound_mail.h"

namespace postern::transport {
namespace {

namespace fs = std::filesystem;

/// The files in new. Names with a dot in front are none of a Maildir's.
std::vector<std::string> mails_in(const fs::path& directory) {
  std::vector<std::string> mails;
  for (const auto& entry : fs::directory_iterator(directory / "new")) {
    auto name = entry.path().filename().native();
    if (!name.starts_with('.')) mails.push_back(std::move(name));
  }
  return mails;
}

void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Held in memory, as a store may keep it so, and the file is moved.
mapi::InboundMessage read_file(const fs::path& file) {
  if (!fs::is_regular_file(fs::symlink_status(file))) throw std::runtime_error("it is no file");
  const auto size = fs::file_size(file);
  if (size == 0) throw std::runtime_error("it is empty");
  if (size > longest_inbound_mail) throw std::runtime_error("it is longer than 64 MiB");
  const auto mail = mapi::Content::from_bytes(mapi::Content::from_file(file).read_all());
  return read_inbound_mail(mail, mapi::FileTime::now());
}

class MaildirSourceLogon final : public mapi::XPLogon {
 public:
  MaildirSourceLogon(const MaildirSourceOptions& options, mapi::TransportSupport& support)
      : options_(options), support_(support) {
    mapi::PropertyBag columns;
    columns.set(mapi::PR_DISPLAY_NAME, "mail in " + options_.directory.native());
    support.modify_status_row(columns);
    const SignalsBlocked for_the_thread;
    watch_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }

  [[nodiscard]] mapi::Registration registration() const override {
    mapi::Registration none;
    none.address_types = {""};
    none.paces_itself = true;
    return none;
  }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport&) override {
    throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT, "this transport sends nothing");
  }

  /// Without descriptors or memory for it, a mail waits for the next look.
  std::optional<mapi::InboundMessage> start_message() override {
    const std::scoped_lock lock(mutex_);
    while (const auto mail = take()) {
      try {
        return read_file(file_of(*mail));
      } catch (const std::exception& error) {
        selection_.stored();
        if (mapi::exhaustion(std::current_exception())) return std::nullopt;
        leave_aside(*mail, error.what());
      }
    }
    return std::nullopt;
  }

  /// If it cannot be moved, the store knows it when it comes again.
  void inbound_stored() override {
    const std::scoped_lock lock(mutex_);
    const auto mail = selection_.stored();
    if (!mail) return;
    const auto cur = options_.directory / "cur";
    std::error_code error;
    fs::rename(file_of(*mail),
               cur / (*mail + (mail->find(":2,") == std::string::npos ? ":2," : "")), error);
    if (!error) return sync_directory(cur);
    if (selection_.leave_aside(*mail)) {
      support_.critical_error("the mail '" + file_of(*mail).native() +
                              "' is stored but cannot be moved to cur: " + error.message());
    }
  }

  void transport_logoff() override { watch_ = {}; }

 private:
  [[nodiscard]] fs::path file_of(const std::string& mail) const {
    return options_.directory / "new" / mail;
  }

  std::optional<std::string> take() {
    try {
      return selection_.take(mails_in(options_.directory));
    } catch (const fs::filesystem_error&) {
      return std::nullopt;  // the watch says it
    }
  }

  void leave_aside(const std::string& mail, const std::string& why) {
    if (!selection_.leave_aside(mail)) return;
    support_.critical_error("the mail '" + file_of(mail).native() +
                            "' cannot be taken and stays where it is: " + why);
  }

  void watch(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      look();
      stopped.wait_for(lock, stop, options_.interval, [] { return false; });
    }
  }

  void look() {
    try {
      const auto mails = mails_in(options_.directory);
      fault_.clear();
      if (has_next(mails)) support_.new_mail();
    } catch (const fs::filesystem_error& error) {
      const auto sentence =
          "the Maildir '" + options_.directory.native() +
          "' cannot be read; mail that came back waits: " + error.code().message();
      if (std::exchange(fault_, sentence) != sentence) support_.critical_error(sentence);
    }
  }

  bool has_next(const std::vector<std::string>& mails) {
    const std::scoped_lock lock(mutex_);
    return selection_.has_next(mails);
  }

  MaildirSourceOptions options_;
  mapi::TransportSupport& support_;
  std::mutex mutex_;
  MailSelection selection_;
  std::string fault_;  ///< of the watch: what was told
  std::jthread watch_;
};

class MaildirSourceProvider final : public mapi::XPProvider {
 public:
  explicit MaildirSourceProvider(MaildirSourceOptions options) : options_(std::move(options)) {}
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    return std::make_unique<MaildirSourceLogon>(options_, support);
  }

 private:
  MaildirSourceOptions options_;
};

}  // namespace

std::unique_ptr<mapi::XPProvider> make_maildir_source(MaildirSourceOptions options) {
  std::error_code error;
  for (const auto* folder : {"new", "cur"}) {
    if (fs::is_directory(options.directory / folder, error)) continue;
    throw std::invalid_argument("'" + options.directory.native() +
                                "' is no Maildir: there is no directory '" + folder + "' in it");
  }
  return std::make_unique<MaildirSourceProvider>(std::move(options));
}

}  // namespace postern::transport
