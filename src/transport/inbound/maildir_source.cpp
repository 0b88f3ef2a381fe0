#include "transport/maildir_source.h"

#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "transport/inbound/source_logon.h"

namespace postern::transport {
namespace {

namespace fs = std::filesystem;

void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Held in memory, as a store may keep it so, and the file is moved.
mapi::Content content_of(const fs::path& file) {
  if (!fs::is_regular_file(fs::symlink_status(file))) throw MailFault("it is no file");
  require_takable_size(fs::file_size(file));
  return mapi::Content::from_bytes(mapi::Content::from_file(file).read_all());
}

class MaildirSource final : public MailSource {
 public:
  explicit MaildirSource(fs::path directory) : directory_(std::move(directory)) {}

  [[nodiscard]] std::string display_name() const override {
    return "mail in " + directory_.native();
  }
  [[nodiscard]] std::string name_of(const std::string& mail) const override {
    return "'" + file_of(mail).native() + "'";
  }

  /// Names with a dot in front are none of a Maildir's.
  std::vector<std::string> list(const std::stop_token&) override {
    std::error_code error;
    std::vector<std::string> mails;
    fs::directory_iterator files(directory_ / "new", error);
    for (; !error && files != fs::directory_iterator(); files.increment(error)) {
      auto name = files->path().filename().native();
      if (!name.starts_with('.')) mails.push_back(std::move(name));
    }
    if (error) {
      throw std::system_error(error, "the Maildir '" + directory_.native() +
                                         "' cannot be read; mail that came back waits");
    }
    return mails;
  }

  std::optional<mapi::Content> read(const std::string& mail, const std::stop_token&) override {
    std::error_code error;
    const auto file = file_of(mail);
    if (fs::symlink_status(file, error).type() == fs::file_type::not_found) return std::nullopt;
    try {
      return content_of(file);
    } catch (const std::exception& fault) {
      if (mapi::exhaustion(std::current_exception())) throw;
      throw MailFault(fault.what());
    }
  }

  void mark_stored(const std::string& mail, const std::stop_token&) override {
    const auto cur = directory_ / "cur";
    const std::string flags = mail.find(":2,") == std::string::npos ? ":2," : "";
    std::error_code error;
    fs::rename(file_of(mail), cur / (mail + flags), error);
    if (error) throw MailFault("it cannot be moved to cur: " + error.message());
    sync_directory(cur);
  }

 private:
  [[nodiscard]] fs::path file_of(const std::string& mail) const {
    return directory_ / "new" / mail;
  }

  fs::path directory_;
};

class MaildirSourceProvider final : public mapi::XPProvider {
 public:
  explicit MaildirSourceProvider(MaildirSourceOptions options) : options_(std::move(options)) {}
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    return std::make_unique<SourceLogon>(std::make_unique<MaildirSource>(options_.directory),
                                         options_.interval, support);
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
