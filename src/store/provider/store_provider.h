// The provider of a store (the role MSProvider), whatever its database is.
#pragma once

#include <memory>

#include "mapi/msg_store.h"
#include "mapi/support.h"
#include "store/engine/engine.h"

namespace postern::store {

/// `support` must outlive the provider and its store objects.
std::unique_ptr<mapi::MSProvider> make_provider(std::unique_ptr<Engine> engine,
                                                mapi::StoreSupport& support);

}  // namespace postern::store
