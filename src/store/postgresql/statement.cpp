#include "store/postgresql/statement.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <climits>

#include "base/text.h"

namespace postern::store {
namespace {

// pg_type.dat of PostgreSQL: built-in types keep their numbers.
constexpr Oid type_of_octets = 17;
constexpr Oid type_of_integer = 20;
constexpr Oid type_of_text = 25;

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::array<char, 8> big_endian(std::int64_t value) {
  std::array<char, 8> octets{};
  auto rest = static_cast<std::uint64_t>(value);
  for (auto at = octets.rbegin(); at != octets.rend(); ++at, rest >>= 8) {
    *at = static_cast<char>(rest & 0xFF);
  }
  return octets;
}

/// Of one, two, four or eight octets, with its sign.
std::int64_t from_big_endian(std::span<const std::byte> octets) {
  if (octets.empty()) return 0;
  const bool is_negative = (octets.front() & std::byte{0x80}) != std::byte{};
  std::int64_t value = is_negative ? -1 : 0;
  for (const auto octet : octets) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 |
                                      static_cast<std::uint64_t>(octet));
  }
  return value;
}

/// The length of the character that the text begins with; 0 if it begins with none.
std::size_t character_length(std::string_view text) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
    if (is_utf8(text.substr(0, length))) return text.front() == '\0' ? 0 : length;
  }
  return 0;
}

}  // namespace

std::string storable_text(const std::string& text) {
  if (is_utf8(text) && text.find('\0') == std::string::npos) return text;
  std::string storable;
  for (std::string_view rest = text; !rest.empty();) {
    const auto length = character_length(rest);
    storable += length == 0 ? replacement : rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return storable;
}

std::string with_dollars(std::string_view sql) {
  std::string text;
  int unnumbered = 0;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] != '?') {
      text += sql[at];
      continue;
    }
    const bool is_numbered =
        at + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at + 1])) != 0;
    text += '$';
    if (!is_numbered) text += std::to_string(++unnumbered);
  }
  return text;
}

PostgresqlStatement::Value& PostgresqlStatement::value_at(int index, Oid type) {
  const auto count = static_cast<std::size_t>(index);
  if (values_.size() < count) values_.resize(count);
  auto& value = values_[count - 1];
  value = {};
  value.type = type;
  return value;
}

void PostgresqlStatement::bind(int index, std::nullptr_t) {
  value_at(index, 0);
}

void PostgresqlStatement::bind(int index, std::int64_t value) {
  auto& bound = value_at(index, type_of_integer);
  bound.integer = big_endian(value);
  bound.is_null = false;
}

void PostgresqlStatement::bind(int index, const std::string& value) {
  auto& bound = value_at(index, type_of_text);
  bound.text = storable_text(value);
  bound.is_null = false;
}

void PostgresqlStatement::bind(int index, std::span<const std::byte> value) {
  if (value.size() > INT_MAX / 2) {
    throw mapi::Failure(mapi::MAPI_E_TOO_BIG, "properties of " + std::to_string(value.size()) +
                                                  " octets are more than a store can hold");
  }
  auto& bound = value_at(index, type_of_octets);
  bound.octets = value;
  bound.is_null = false;
}

void PostgresqlStatement::bind(int index, std::optional<std::int64_t> value) {
  if (value) {
    bind(index, *value);
  } else {
    value_at(index, type_of_integer);
  }
}

void PostgresqlStatement::bind(int index, const std::optional<std::string>& value) {
  if (value) {
    bind(index, *value);
  } else {
    value_at(index, type_of_text);
  }
}

std::span<const Pipeline::Parameter> PostgresqlStatement::parameters() {
  static constexpr char nothing = '\0';  // a null pointer would be NULL
  parameters_.clear();
  for (const auto& value : values_) {
    Pipeline::Parameter parameter{.type = value.type};
    if (!value.is_null && value.type == type_of_integer) {
      parameter.octets = value.integer.data();
      parameter.size = static_cast<int>(value.integer.size());
    } else if (!value.is_null && value.type == type_of_text) {
      parameter.octets = value.text.data();
      parameter.size = static_cast<int>(value.text.size());
    } else if (!value.is_null) {
      parameter.octets =
          value.octets.empty() ? &nothing : reinterpret_cast<const char*>(value.octets.data());
      parameter.size = static_cast<int>(value.octets.size());
    }
    parameters_.push_back(parameter);
  }
  return parameters_;
}

bool PostgresqlStatement::next() {
  if (!result_) {
    result_ = pipeline_.ask(prepared_, parameters());
    row_ = -1;
  }
  return ++row_ < PQntuples(result_.get());
}

void PostgresqlStatement::run() {
  ++changes_;
  pipeline_.send(prepared_, parameters());
}

int PostgresqlStatement::run_and_count() {
  ++changes_;
  result_ = pipeline_.ask(prepared_, parameters());
  const std::string_view count = PQcmdTuples(result_.get());
  int changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

bool PostgresqlStatement::is_null(int column) const {
  return PQgetisnull(result_.get(), row_, column) != 0;
}

std::int64_t PostgresqlStatement::integer(int column) const {
  return from_big_endian(blob(column));
}

std::string PostgresqlStatement::text(int column) const {
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

std::span<const std::byte> PostgresqlStatement::blob(int column) const {
  return {reinterpret_cast<const std::byte*>(PQgetvalue(result_.get(), row_, column)),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

void PostgresqlStatement::reset() {
  result_.reset();
  values_.clear();
}

}  // namespace postern::store
