#include "store/open_store.h"

#include "store/postgresql/location.h"
#include "store/postgresql_store.h"
#include "store/sqlite_store.h"

namespace postern::store {

std::unique_ptr<mapi::MSProvider> open_store(const std::filesystem::path& location,
                                             mapi::StoreSupport& support,
                                             std::chrono::milliseconds patience) {
  const auto& text = location.native();
  if (is_postgresql_url(text)) return open_postgresql_store(text, support, patience);
  return open_sqlite_store(location, support);
}

std::string location_name(const std::filesystem::path& location) {
  const auto& text = location.native();
  return is_postgresql_url(text) ? PostgresqlLocation(text).plain_name() : text;
}

bool has_password(const std::filesystem::path& location) {
  const auto& text = location.native();
  return is_postgresql_url(text) && PostgresqlLocation(text).has_password();
}

}  // namespace postern::store
