#include "store/postgresql_store.h"

#include "store/engine/postgresql_engine.h"
#include "store/engine/postgresql_schema.h"
#include "store/provider/store_provider.h"

namespace postern::store {

std::unique_ptr<mapi::MSProvider> open_postgresql_store(const std::string& url,
                                                        mapi::StoreSupport& support,
                                                        std::chrono::milliseconds patience) {
  return make_provider(std::make_unique<PostgresqlEngine>(PostgresqlLocation(url), patience),
                       support);
}

Migration migrate_postgresql_store(const std::string& url) {
  PostgresqlConnector connector(PostgresqlLocation(url), std::chrono::milliseconds{0});
  const auto versions = migrate_postgresql_schema(*connector.connect());
  return {versions.before, versions.now};
}

}  // namespace postern::store
