#include "tests/store/power_loss/judgement.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace postern::store::test {
namespace {

class Judge {
 public:
  Judge(Ledger& ledger, const std::vector<FoundObject>& found) : ledger_(ledger), found_(found) {
    for (const auto& object : found) unclaimed_.insert(&object);
    auto& objects = ledger.objects();
    for (ObjectNumber number = 0; number < objects.size(); ++number) {
      if (objects[number].entry) find_by_entry(number);
    }
  }

  Judgement judge() {
    const auto& objects = ledger_.objects();
    for (ObjectNumber number = 0; number < objects.size(); ++number) {
      const auto& object = objects[number];
      if (object.is_in_doubt) continue;
      if (!object.entry && object.state) find_by_name(number, *object.state);
      require(number, object.state);
    }
    ledger_.settle_doubts([this](const Step& step) { return has_happened(step); });
    for (const auto* object : unclaimed_) {
      ++result_.invented;
      complain("'" + name_of(object->kind, object->value) + "' is there, and nobody's");
    }
    return std::move(result_);
  }

 private:
  void complain(std::string fault) { result_.faults.push_back(std::move(fault)); }

  void find_by_entry(ObjectNumber number) {
    const auto at =
        std::ranges::find(found_, *ledger_.objects()[number].entry, &FoundObject::entry);
    if (at != found_.end()) claim(number, *at);
  }

  /// Of several that it may be, one that is as it should be is preferred.
  void find_by_name(ObjectNumber number, const Expected& expected) {
    const auto kind = ledger_.objects()[number].kind;
    const auto name = name_of(kind, expected.value);
    const FoundObject* best = nullptr;
    for (const auto* object : unclaimed_) {
      if (object->kind != kind || object->folder != expected.folder) continue;
      if (name_of(kind, object->value) != name) continue;
      best = object;
      if (difference(*object, expected).empty()) break;
    }
    if (best == nullptr) return;
    ledger_.objects()[number].entry = best->entry;
    claim(number, *best);
  }

  void claim(ObjectNumber number, const FoundObject& object) {
    places_[number] = &object;
    unclaimed_.erase(&object);
  }

  /// Empty: the object is as it should be.
  std::string wrong_with(ObjectNumber number, const std::optional<Expected>& expected) {
    const auto place = places_.find(number);
    if (place == places_.end()) return expected ? "it is not there" : "";
    return expected ? difference(*place->second, *expected) : "it is there";
  }

  void require(ObjectNumber number, const std::optional<Expected>& expected) {
    const auto wrong = wrong_with(number, expected);
    if (wrong.empty()) return;
    ++result_.lost;
    complain(name(number, expected) + " is not as acknowledged: " + wrong);
  }

  std::string name(ObjectNumber number, const std::optional<Expected>& expected) {
    const auto place = places_.find(number);
    const auto kind = ledger_.objects()[number].kind;
    if (place != places_.end()) return "'" + name_of(kind, place->second->value) + "'";
    return expected ? "'" + name_of(kind, expected->value) + "'" : "an object";
  }

  std::string complaint_of(ObjectNumber number, const std::optional<Expected>& expected) {
    const auto wrong = wrong_with(number, expected);
    return wrong.empty() ? "" : " " + name(number, expected) + ": " + wrong + ";";
  }

  bool has_happened(const Step& step) {
    std::string before;
    std::string after;
    for (const auto& [number, state] : step.after) {
      const auto& object = ledger_.objects()[number];
      if (!object.entry && state) find_by_name(number, *state);
      before += complaint_of(number, object.state);
      after += complaint_of(number, state);
    }
    const bool is_done = after.empty();
    if (!is_done && !before.empty()) {
      ++result_.half;
      complain(step.call + " is there by half; to be done:" + after + " not to be done:" + before);
      return false;
    }
    ++(is_done ? result_.doubts_done : result_.doubts_not_done);
    return is_done;
  }

  Ledger& ledger_;
  const std::vector<FoundObject>& found_;
  std::set<const FoundObject*> unclaimed_;
  std::map<ObjectNumber, const FoundObject*> places_;
  Judgement result_;
};

}  // namespace

Judgement judge(Ledger& ledger, const std::vector<FoundObject>& found) {
  return Judge(ledger, found).judge();
}

}  // namespace postern::store::test
