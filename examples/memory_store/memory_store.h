// A message store of one's own: everything is in memory and ends with the program.
//
// What makes a store a store is all here: who may do what to a message in which state, the outgoing
// queue in its order, the spooler's lock, notifications. Only durability is missing: where a commit
// would stand, a mutex is held.
#pragma once

#include <memory>
#include <postern/mapi/msg_store.h>
#include <postern/mapi/support.h>

/// `support` outlives the provider and all that it gives out.
std::unique_ptr<postern::mapi::MSProvider> make_memory_store(postern::mapi::StoreSupport& support);
