#include "transport/maildir/disk_fault.h"

#include <array>
#include <cerrno>
#include <string>

namespace postern::transport {
namespace {

using std::chrono::seconds;

constexpr seconds full_disk_pause{60};
constexpr seconds operator_pause{300};

struct Meaning {
  int error;
  Verdict verdict;
  EnhancedStatus status;
  seconds pause;
};
constexpr std::array meanings{
    Meaning{ENOSPC, Verdict::retry, {4, 3, 1}, full_disk_pause},
    Meaning{EDQUOT, Verdict::retry, {4, 2, 2}, seconds{0}},
    Meaning{ENAMETOOLONG, Verdict::failed, {5, 1, 3}, seconds{0}},
    Meaning{EACCES, Verdict::retry, {4, 3, 5}, operator_pause},
    Meaning{EPERM, Verdict::retry, {4, 3, 5}, operator_pause},
    Meaning{EROFS, Verdict::retry, {4, 3, 5}, operator_pause},
    Meaning{ENOENT, Verdict::retry, {4, 3, 5}, operator_pause},
    Meaning{ENOTDIR, Verdict::retry, {4, 3, 5}, operator_pause},
    Meaning{EISDIR, Verdict::retry, {4, 3, 5}, operator_pause},
    Meaning{ELOOP, Verdict::retry, {4, 3, 5}, operator_pause},
};
constexpr Meaning anything_else{0, Verdict::retry, {4, 3, 0}, seconds{0}};

const Meaning& meaning_of(int error) {
  for (const Meaning& meaning : meanings) {
    if (meaning.error == error) return meaning;
  }
  return anything_else;
}

}  // namespace

DiskFault disk_fault(const std::system_error& error) {
  const Meaning& meaning = meaning_of(error.code().value());
  return {.outcome = {.verdict = meaning.verdict,
                      .stage = Stage::content,
                      .code = 0,
                      .status = meaning.status,
                      .text = std::string("mail cannot be kept in ") + error.what(),
                      .host = {},
                      .time = std::chrono::system_clock::now()},
          .pause = meaning.pause};
}

}  // namespace postern::transport
