#include "session/merge.h"

#include <algorithm>
#include <cstdint>

namespace postern::session {
namespace {

void erase(mapi::PropertyBag& bag, std::uint16_t id) {
  bag.erase(mapi::Tag<mapi::PropertyType::int32>{id});  // only the id of the tag counts
}
void erase(mapi::PropertyBag& bag, const mapi::PropertyName& name) {
  bag.erase(name);
}

template <class Properties>
void carry_over(const Properties& base, const Properties& mine, mapi::PropertyBag& theirs) {
  for (const auto& [key, value] : mine) {
    const auto* before = base.find(key);
    if (before == nullptr || (before != &value && *before != value)) theirs.set(key, value);
  }
  for (const auto& [key, value] : base) {
    if (mine.find(key) == nullptr) erase(theirs, key);
  }
}

bool is_shared(const mapi::PropertyBag& one, const mapi::PropertyBag& other) {
  return one.properties().is_shared_with(other.properties()) &&
         one.named_properties().is_shared_with(other.named_properties());
}

bool has_same_attachments(const mapi::Message& left, const mapi::Message& right) {
  return std::ranges::equal(
      left.attachments, right.attachments, [](const auto& one, const auto& other) {
        return static_cast<const mapi::PropertyBag&>(one) == other && has_same_content(one, other);
      });
}

}  // namespace

void merge_properties(const mapi::PropertyBag& base, const mapi::PropertyBag& mine,
                      mapi::PropertyBag& theirs) {
  if (base == mine) return;
  if (is_shared(base, theirs)) {
    theirs = mine;
    return;
  }
  carry_over(base.properties(), mine.properties(), theirs);
  carry_over(base.named_properties(), mine.named_properties(), theirs);
}

bool is_unchanged(const mapi::Message& base, const mapi::Message& value) {
  return static_cast<const mapi::PropertyBag&>(base) == value &&
         base.recipients == value.recipients && has_same_attachments(base, value);
}

mapi::Message merge_changes(const mapi::Message& base, const mapi::Message& mine,
                            mapi::Message theirs) {
  merge_properties(base, mine, theirs);
  const auto count = base.recipients.size();
  if (mine.recipients.size() == count && theirs.recipients.size() == count) {
    for (std::size_t i = 0; i < count; ++i) {
      merge_properties(base.recipients[i], mine.recipients[i], theirs.recipients[i]);
    }
  } else if (mine.recipients != base.recipients) {
    theirs.recipients = mine.recipients;
  }
  if (!has_same_attachments(base, mine)) theirs.attachments = mine.attachments;
  return theirs;
}

}  // namespace postern::session
