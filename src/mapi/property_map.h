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
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "mapi/shared_value.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// The properties of one or several maps, sorted by small keys, in one piece of memory. Keys that
/// come in their order, as they do out of files and stores, are added in constant time.
template <class Key>
class SortedProperties {
  struct Entry {
    Key first;
    SharedValue second;
  };

 public:
  using const_iterator = const Entry*;

  SortedProperties(const SortedProperties&) = delete;
  SortedProperties& operator=(const SortedProperties&) = delete;

  [[nodiscard]] const_iterator begin() const {
    return reinterpret_cast<const Entry*>(reinterpret_cast<const std::byte*>(this) +
                                          sizeof(SortedProperties));
  }
  [[nodiscard]] const_iterator end() const { return begin() + size_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const_iterator find(const Key& key) const {
    const auto place = lower_bound(key);
    return place != end() && place->first == key ? place : end();
  }

  /// Returns one that only the caller owns, with room for one more entry; `owned`, which may be
  /// null, is given for it.
  static SortedProperties* writable(SortedProperties* owned) {
    // Acquire: what another owner has read, it has read before it left.
    const bool is_alone = owned != nullptr && owned->owners.load(std::memory_order_acquire) == 1;
    if (is_alone && owned->size_ < owned->capacity_) return owned;
    const auto size = owned == nullptr ? 0 : owned->size_;
    auto* result = make(std::max(usual, 2 * size));
    if (owned == nullptr) return result;
    for (auto* entry = owned->first(); entry != owned->first() + size; ++entry) {
      new (result->first() + result->size_)
          Entry{entry->first, is_alone ? std::move(entry->second) : SharedValue(entry->second)};
      ++result->size_;
    }
    if (is_alone) std::swap(result->storage, owned->storage);
    owned->release();
    return result;
  }
  /// As `writable`, with all entries of `others`, which replace those under the same keys.
  static SortedProperties* with_all(SortedProperties* owned, const SortedProperties& others) {
    auto* result = make((owned == nullptr ? 0 : owned->size_) + others.size_ + spare);
    const auto add = [result](const Entry& entry) {
      new (result->first() + result->size_++) Entry(entry);
    };
    auto at = others.begin();
    if (owned != nullptr) {
      for (const auto& entry : *owned) {
        while (at != others.end() && at->first < entry.first) add(*at++);
        if (at == others.end() || at->first != entry.first) add(entry);
      }
      owned->release();
    }
    while (at != others.end()) add(*at++);
    return result;
  }
  /// There is room.
  void set(const Key& key, SharedValue value) {
    auto* place = first() + (lower_bound(key) - begin());
    auto* last = first() + size_;
    if (place != last && place->first == key) {
      place->second = std::move(value);
      return;
    }
    if (place == last) {
      new (last) Entry{key, std::move(value)};
    } else {
      new (last) Entry(std::move(last[-1]));
      std::move_backward(place, last - 1, last);
      *place = {key, std::move(value)};
    }
    ++size_;
  }
  void erase(const Key& key) {
    auto* place = first() + (find(key) - begin());
    auto* last = first() + size_;
    if (place == last) return;
    std::move(place + 1, last, place);
    (--last)->~Entry();
    --size_;
  }
  void release() {
    if (owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    std::destroy(first(), first() + size_);
    this->~SortedProperties();
    ::operator delete(this);
  }

  std::atomic<std::size_t> owners = 1;
  ValueStorage storage;

 private:
  static constexpr std::uint32_t usual = 16;  ///< properties of a recipient
  static constexpr std::uint32_t spare = 4;   ///< for what is set apart from the rest

  static SortedProperties* make(std::uint32_t capacity) {
    return new (::operator new(sizeof(SortedProperties) + capacity * sizeof(Entry)))
        SortedProperties(capacity);
  }
  explicit SortedProperties(std::uint32_t capacity) : capacity_(capacity) {}
  ~SortedProperties() = default;

  [[nodiscard]] Entry* first() { return const_cast<Entry*>(begin()); }
  [[nodiscard]] const_iterator lower_bound(const Key& key) const {
    if (size_ == 0 || end()[-1].first < key) return end();
    return std::lower_bound(begin(), end(), key, [](const Entry& entry, const Key& sought) {
      return entry.first < sought;
    });
  }

  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
};

/// The same for names: there are few, and who wrote a file chooses their order.
template <class Key>
class NamedProperties {
  using Values = std::map<Key, SharedValue>;

 public:
  using const_iterator = typename Values::const_iterator;

  [[nodiscard]] const_iterator begin() const { return values_.begin(); }
  [[nodiscard]] const_iterator end() const { return values_.end(); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] const_iterator find(const Key& key) const { return values_.find(key); }

  static NamedProperties* writable(NamedProperties* owned) {
    if (owned == nullptr) return new NamedProperties;
    if (owned->owners.load(std::memory_order_acquire) == 1) return owned;
    auto own = std::make_unique<NamedProperties>();
    own->values_ = owned->values_;
    owned->release();
    return own.release();
  }
  static NamedProperties* with_all(NamedProperties* owned, const NamedProperties& others) {
    owned = writable(owned);
    for (const auto& [key, value] : others.values_) owned->set(key, value);
    return owned;
  }
  void set(const Key& key, SharedValue value) { values_.insert_or_assign(key, std::move(value)); }
  void erase(const Key& key) { values_.erase(key); }
  void release() {
    if (owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  std::atomic<std::size_t> owners = 1;
  ValueStorage storage;

 private:
  Values values_;
};

template <class Key>
class PropertyMap {
  using Body =
      std::conditional_t<std::is_integral_v<Key>, SortedProperties<Key>, NamedProperties<Key>>;
  using Place = typename Body::const_iterator;

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
    explicit Iterator(Place at) : at_(at) {}
    Place at_{};
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
    if (body_ != nullptr) body_->release();
  }

  [[nodiscard]] Iterator begin() const {
    return body_ == nullptr ? Iterator() : Iterator(body_->begin());
  }
  [[nodiscard]] Iterator end() const {
    return body_ == nullptr ? Iterator() : Iterator(body_->end());
  }
  [[nodiscard]] std::size_t size() const { return body_ == nullptr ? 0 : body_->size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// nullptr: there is none.
  [[nodiscard]] const PropertyValue* find(const Key& key) const {
    const auto* value = shared(key);
    return value == nullptr ? nullptr : &**value;
  }

  void set(const Key& key, PropertyValue value) {
    body_ = Body::writable(body_);
    body_->set(key, body_->storage.add(std::move(value)));
  }
  /// Sets what `from` has under its key; where it has nothing, this is erased.
  void copy(const Key& key, const PropertyMap& from, const Key& key_there) {
    const auto* value = from.shared(key_there);
    if (value == nullptr) {
      erase(key);
      return;
    }
    SharedValue shared(*value);  // `from` may be this map
    body_ = Body::writable(body_);
    body_->set(key, std::move(shared));
  }
  /// Sets everything that `from` has.
  void copy_all(const PropertyMap& from) {
    const PropertyMap others(from);  // it may be this map
    if (!others.empty()) body_ = Body::with_all(body_, *others.body_);
  }
  /// False: there was none.
  bool erase(const Key& key) {
    if (find(key) == nullptr) return false;
    body_ = Body::writable(body_);
    body_->erase(key);
    return true;
  }

  /// Whether they are equal because neither was changed since one was copied from the other.
  [[nodiscard]] bool is_shared_with(const PropertyMap& other) const { return body_ == other.body_; }

  friend bool operator==(const PropertyMap& left, const PropertyMap& right) {
    if (left.is_shared_with(right)) return true;
    return left.size() == right.size() &&
           (left.empty() || std::equal(left.body_->begin(), left.body_->end(), right.body_->begin(),
                                       [](const auto& one, const auto& other) {
                                         return one.first == other.first &&
                                                one.second == other.second;
                                       }));
  }

 private:
  [[nodiscard]] const SharedValue* shared(const Key& key) const {
    if (body_ == nullptr) return nullptr;
    const auto found = body_->find(key);
    return found == body_->end() ? nullptr : &found->second;
  }

  Body* body_ = nullptr;  ///< null: there are no properties
};

}  // namespace postern::mapi
#pragma GCC visibility pop
