// The keys of Postern's advisory locks: a first half of its own, in which 0 is that of who changes
// the tables, and every other number a session's (session.h).
#pragma once

/// "PSTR", as it stands in SQL.
#define POSTERN_LOCK_CLASS "1347638354"
