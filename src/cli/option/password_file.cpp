#include "cli/option/password_file.h"

#include <fstream>

#include "mapi/error.h"

namespace postern::cli {

std::string password_from(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (!file || !std::getline(file, password)) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND,
                        "the password file '" + path + "' cannot be read or is empty");
  }
  if (!password.empty() && password.back() == '\r') password.pop_back();
  return password;
}

}  // namespace postern::cli
