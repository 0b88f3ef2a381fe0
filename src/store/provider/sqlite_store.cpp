#include "store/sqlite_store.h"

#include "store/engine/sqlite_engine.h"
#include "store/provider/store_provider.h"

namespace postern::store {

std::unique_ptr<mapi::MSProvider> open_sqlite_store(const std::filesystem::path& path,
                                                    mapi::StoreSupport& support) {
  return make_provider(std::make_unique<SqliteEngine>(path), support);
}

}  // namespace postern::store
