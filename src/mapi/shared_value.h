// Property values that several maps share (property_map.h).
//
// Values are made in blocks: one allocation holds what a recipient row usually gets at once, and is
// freed with the last of them that is shared. Large values have a block of their own, so that none
// outlives its last use because of a small one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <new>
#include <string>
#include <utility>

#include "mapi/property_type.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

class ValueStorage;

/// A value and a share in it. Threads: copies may be used on different threads.
class SharedValue {
 public:
  SharedValue() = default;
  SharedValue(const SharedValue& other) noexcept : slot_(other.slot_) {
    if (slot_ != nullptr) slot_->block->take();
  }
  SharedValue(SharedValue&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  SharedValue& operator=(const SharedValue& other) noexcept {
    if (this == &other) return *this;
    SharedValue copy(other);
    std::swap(slot_, copy.slot_);
    return *this;
  }
  SharedValue& operator=(SharedValue&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~SharedValue() {
    if (slot_ != nullptr) slot_->block->release();
  }

  [[nodiscard]] const PropertyValue& operator*() const { return slot_->value; }
  friend bool operator==(const SharedValue& left, const SharedValue& right) {
    return left.slot_ == right.slot_ || *left == *right;
  }

 private:
  friend ValueStorage;
  class Block;
  struct Slot {
    PropertyValue value;
    Block* block;
  };
  /// So many slots, of which the first ones are in use.
  class Block {
   public:
    static Block* make(std::size_t capacity) {
      return new (::operator new(sizeof(Block) + capacity * sizeof(Slot))) Block(capacity);
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    /// There must be room.
    Slot* add(PropertyValue value) {
      auto* slot = new (place(used_)) Slot{std::move(value), this};
      ++used_;
      return slot;
    }
    [[nodiscard]] bool is_full() const { return used_ == capacity_; }
    void take() { shares_.fetch_add(1, std::memory_order_relaxed); }
    void release() {
      if (shares_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      this->~Block();
      ::operator delete(this);
    }

   private:
    explicit Block(std::size_t capacity) : capacity_(capacity) {}
    ~Block() {
      for (std::size_t i = 0; i < used_; ++i) place(i)->~Slot();
    }
    [[nodiscard]] Slot* place(std::size_t index) {
      return reinterpret_cast<Slot*>(reinterpret_cast<std::byte*>(this) + sizeof(Block)) + index;
    }

    std::atomic<std::size_t> shares_ = 1;  ///< one is whose storage it is
    std::size_t capacity_;
    std::size_t used_ = 0;
  };
  static_assert(sizeof(Block) % alignof(Slot) == 0);

  explicit SharedValue(Slot* slot) noexcept : slot_(slot) { slot_->block->take(); }

  Slot* slot_ = nullptr;
};

/// Where the values of one map are made. Threads: those of the map.
class ValueStorage {
 public:
  ValueStorage() = default;
  ValueStorage(ValueStorage&& other) noexcept : open_(std::exchange(other.open_, nullptr)) {}
  ValueStorage& operator=(ValueStorage&& other) noexcept {
    std::swap(open_, other.open_);
    return *this;
  }
  ~ValueStorage() {
    if (open_ != nullptr) open_->release();
  }

  SharedValue add(PropertyValue value) {
    if (is_large(value)) {
      ValueStorage own;
      own.open_ = SharedValue::Block::make(1);
      return SharedValue(own.open_->add(std::move(value)));
    }
    if (open_ == nullptr || open_->is_full()) {
      constexpr std::size_t usual = 6;  // properties of a recipient that no other one has
      auto* block = SharedValue::Block::make(usual);
      if (open_ != nullptr) open_->release();
      open_ = block;
    }
    return SharedValue(open_->add(std::move(value)));
  }

 private:
  static bool is_large(const PropertyValue& value) {
    constexpr std::size_t octets = 256;
    if (const auto* text = std::get_if<std::string>(&value)) return text->size() > octets;
    if (const auto* binary = std::get_if<Binary>(&value)) return binary->size() > octets;
    return value.index() > PropertyValue(Binary{}).index();  // a list
  }

  SharedValue::Block* open_ = nullptr;  ///< null: none was needed yet
};

}  // namespace postern::mapi
#pragma GCC visibility pop
