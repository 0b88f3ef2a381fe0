// The properties of a bag under one kind of key, sorted by it.
//
// A copy shares everything with its original until one of the two is changed, and then still every
// value that was not: a recipient table of ten thousand rows is copied and compared at every step
// of its message. A value lies where it is as long as a map has it.
//
// A value has no thread rules but those of C++: copies may be used on different threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "mapi/property_type.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// What PropertyMap needs of std::map, in one piece of memory. Keys that come in their order, as
/// they do out of files and stores, are added in constant time.
template <class Key, class Value>
class SortedVector {
  using Entries = std::vector<std::pair<Key, Value>>;

 public:
  using const_iterator = typename Entries::const_iterator;

  [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const { return entries_.end(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] const_iterator find(const Key& key) const {
    const auto place = lower_bound(key);
    return place != end() && place->first == key ? place : end();
  }
  void insert_or_assign(Key key, Value value) {
    constexpr std::size_t usual = 24;  // properties of a recipient that has its outcome
    if (entries_.capacity() == 0) entries_.reserve(usual);
    const auto place = entries_.begin() + (lower_bound(key) - begin());
    if (place != entries_.end() && place->first == key) {
      place->second = std::move(value);
    } else {
      entries_.emplace(place, std::move(key), std::move(value));
    }
  }
  std::size_t erase(const Key& key) {
    const auto place = find(key);
    if (place == end()) return 0;
    entries_.erase(place);
    return 1;
  }

 private:
  [[nodiscard]] const_iterator lower_bound(const Key& key) const {
    if (entries_.empty() || entries_.back().first < key) return end();
    return std::lower_bound(begin(), end(), key, [](const auto& entry, const Key& sought) {
      return entry.first < sought;
    });
  }

  Entries entries_;
};

template <class Key>
class PropertyMap {
  using Value = std::shared_ptr<const PropertyValue>;
  /// There are few names, and who wrote a file chooses their order.
  using Values =
      std::conditional_t<std::is_integral_v<Key>, SortedVector<Key, Value>, std::map<Key, Value>>;

 public:
  /// What an iterator yields; refers into the map.
  using Entry = std::pair<const Key&, const PropertyValue&>;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Entry;

    Iterator() = default;
    Entry operator*() const { return {at_->first, *at_->second}; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      auto before = *this;
      ++at_;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend PropertyMap;
    explicit Iterator(typename Values::const_iterator at) : at_(at) {}
    typename Values::const_iterator at_{};
  };

  PropertyMap() = default;
  PropertyMap(const PropertyMap& other) noexcept : body_(other.body_) {
    if (body_ != nullptr) body_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  PropertyMap(PropertyMap&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  PropertyMap& operator=(const PropertyMap& other) noexcept {
    if (this == &other) return *this;
    PropertyMap copy(other);
    std::swap(body_, copy.body_);
    return *this;
  }
  PropertyMap& operator=(PropertyMap&& other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~PropertyMap() {
    if (body_ != nullptr && body_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete body_;
    }
  }

  [[nodiscard]] Iterator begin() const { return Iterator(values().begin()); }
  [[nodiscard]] Iterator end() const { return Iterator(values().end()); }
  [[nodiscard]] std::size_t size() const { return values().size(); }
  [[nodiscard]] bool empty() const { return values().empty(); }

  /// nullptr: there is none.
  [[nodiscard]] const PropertyValue* find(const Key& key) const {
    const auto found = values().find(key);
    return found == values().end() ? nullptr : found->second.get();
  }

  void set(Key key, PropertyValue value) {
    share(std::move(key), std::make_shared<const PropertyValue>(std::move(value)));
  }
  /// Sets what `from` has under its key; where it has nothing, this is erased.
  void copy(const Key& key, const PropertyMap& from, const Key& key_there) {
    const auto found = from.values().find(key_there);
    if (found == from.values().end()) {
      erase(key);
    } else {
      share(key, found->second);
    }
  }
  /// False: there was none.
  bool erase(const Key& key) { return find(key) != nullptr && writable().erase(key) != 0; }

  friend bool operator==(const PropertyMap& left, const PropertyMap& right) {
    if (left.body_ == right.body_) return true;
    return left.size() == right.size() &&
           std::equal(left.values().begin(), left.values().end(), right.values().begin(),
                      [](const auto& one, const auto& other) {
                        return one.first == other.first &&
                               (one.second == other.second || *one.second == *other.second);
                      });
  }

 private:
  struct Body {
    std::atomic<std::size_t> owners = 1;
    Values values;
  };

  [[nodiscard]] const Values& values() const {
    static const Values none;
    return body_ == nullptr ? none : body_->values;
  }

  void share(Key key, Value value) {
    writable().insert_or_assign(std::move(key), std::move(value));
  }

  /// Of this map alone. Acquire: what another owner has read, it has read before it left.
  Values& writable() {
    if (body_ == nullptr) {
      body_ = new Body;
    } else if (body_->owners.load(std::memory_order_acquire) != 1) {
      auto own = std::make_unique<Body>();
      own->values = body_->values;
      PropertyMap former;
      former.body_ = std::exchange(body_, own.release());
    }
    return body_->values;
  }

  Body* body_ = nullptr;  ///< null: there are no properties
};

}  // namespace postern::mapi
#pragma GCC visibility pop
