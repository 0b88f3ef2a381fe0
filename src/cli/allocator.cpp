// How jemalloc, the programs' allocator, is configured (jemalloc(3), "TUNING").

/// Two arenas: what one thread frees, another one gets, as the threads of a spooler hand messages
/// on. Each thread's own cache keeps them from waiting for each other.
extern "C" {
[[gnu::visibility("default")]] extern const char* const malloc_conf;
const char* const malloc_conf = "narenas:2";
}
