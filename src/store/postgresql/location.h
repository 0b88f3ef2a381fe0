// Where a PostgreSQL database is: a URL as libpq takes it, and how sentences name it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace postern::store {

/// One of the servers that a URL names, perhaps the primary; empty values: libpq's own.
struct PostgresqlHost {
  std::string host;
  std::string address;
  std::string port;
};

class PostgresqlLocation {
 public:
  /// Throws mapi::Failure(MAPI_E_INVALID_PARAMETER) for what libpq cannot read.
  explicit PostgresqlLocation(const std::string& url);

  /// For sentences, without the password: "'postgresql://postern@db.example/mail'".
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The same without quotation marks.
  [[nodiscard]] std::string plain_name() const { return name_.substr(1, name_.size() - 2); }
  /// libpq's options that the URL gives, without those that say which server.
  [[nodiscard]] const std::map<std::string, std::string>& options() const { return options_; }
  [[nodiscard]] bool has_password() const { return has_password_; }
  /// In the order of the URL; one at least.
  [[nodiscard]] const std::vector<PostgresqlHost>& hosts() const { return hosts_; }

 private:
  std::map<std::string, std::string> options_;
  std::string name_;
  bool has_password_ = false;
  std::vector<PostgresqlHost> hosts_;
};

}  // namespace postern::store
