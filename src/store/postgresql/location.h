// Where a PostgreSQL database is: a URL as libpq takes it, and how sentences name it.
#pragma once

#include <string>

namespace postern::store {

class PostgresqlLocation {
 public:
  /// Throws mapi::Failure(MAPI_E_INVALID_PARAMETER) for what libpq cannot read.
  explicit PostgresqlLocation(std::string url);

  /// For sentences, without the password: "'postgresql://postern@db.example/mail'".
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The same without quotation marks.
  [[nodiscard]] std::string plain_name() const { return name_.substr(1, name_.size() - 2); }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] bool has_password() const { return has_password_; }

 private:
  std::string url_;
  std::string name_;
  bool has_password_ = false;
};

}  // namespace postern::store
