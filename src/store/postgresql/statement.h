// A prepared statement of PostgreSQL (the role Statement). Values go both ways in their binary
// form.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/database/connection.h"
#include "store/postgresql/pipeline.h"

namespace postern::store {

class PostgresqlStatement final : public Statement {
 public:
  /// `changes` is counted up by what gives no rows.
  PostgresqlStatement(Pipeline& pipeline, Pipeline::Prepared& prepared, std::size_t& changes)
      : pipeline_(pipeline), prepared_(prepared), changes_(changes) {}

  void bind(int index, std::nullptr_t) override;
  void bind(int index, std::int64_t value) override;
  void bind(int index, const std::string& value) override;
  void bind(int index, std::span<const std::byte> value) override;
  void bind(int index, std::optional<std::int64_t> value) override;
  void bind(int index, const std::optional<std::string>& value) override;

  bool next() override;
  void run() override;
  int run_and_count() override;

  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] std::string text(int column) const override;
  [[nodiscard]] std::span<const std::byte> blob(int column) const override;

  void reset() override;

 private:
  struct Value {
    Oid type = 0;
    bool is_null = true;
    std::array<char, 8> integer{};
    std::string text;
    std::span<const std::byte> octets;
  };

  Value& value_at(int index, Oid type);
  [[nodiscard]] std::span<const Pipeline::Parameter> parameters();

  Pipeline& pipeline_;
  Pipeline::Prepared& prepared_;
  std::size_t& changes_;
  std::vector<Value> values_;
  std::vector<Pipeline::Parameter> parameters_;
  Result result_;
  int row_ = 0;
};

/// The statement with `$1` for each `?` or `?1`.
std::string with_dollars(std::string_view sql);

/// What PostgreSQL takes for text: UTF-8 without NUL. Everything else becomes U+FFFD.
std::string storable_text(const std::string& text);

}  // namespace postern::store
