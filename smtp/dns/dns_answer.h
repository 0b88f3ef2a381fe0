// Answers of the DNS as values: the records, and whether DNSSEC has validated them.
//
// Records are parsed from their wire form (RFC 1035 §3.3, RFC 3596, RFC 6698 §2.1). An answer with
// a malformed record is a failed answer as a whole: mail must not be routed by a part of one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "smtp/tls_requirement.h"

namespace postern::smtp {

namespace asio = boost::asio;

enum class DnsStatus {
  ok,            ///< there are records
  no_such_name,  ///< NXDOMAIN
  no_data,       ///< the name exists, but has no record of the type
  failed,        ///< no answer for now: SERVFAIL, time-out, a malformed answer
  bogus,         ///< DNSSEC validation failed (RFC 4035 §4.3)
};

/// The result of a look-up, whatever its records.
struct DnsResult {
  DnsStatus status = DnsStatus::failed;
  bool secure = false;          ///< validated by DNSSEC, also the absence of records
  std::chrono::seconds ttl{0};  ///< how long it may be kept
  std::string canonical_name;   ///< the end of the CNAMEs, without the last dot; empty: no alias
  std::string reason;           ///< failed, bogus: why, for people

  /// Whether asking again later may give another answer.
  [[nodiscard]] bool temporary() const {
    return status == DnsStatus::failed || status == DnsStatus::bogus;
  }
};

/// An answer as received: the records' data in wire form.
struct DnsReply : DnsResult {
  std::vector<std::string> rdata;
};

template <class Record>
struct DnsAnswer : DnsResult {
  std::vector<Record> records;
};

struct MxRecord {
  std::uint16_t preference = 0;
  std::string exchange;  ///< without the last dot; empty: the root, which is "null MX" (RFC 7505)
  friend bool operator==(const MxRecord&, const MxRecord&) = default;
};

struct TextRecord {
  std::string text;  ///< its strings joined (RFC 7208 §3.3)
};

/// The type's number and the reader of its wire form; nullopt if that is malformed.
template <class Record>
struct DnsRecordType;

template <>
struct DnsRecordType<asio::ip::address_v4> {
  static constexpr int number = 1;
  static std::optional<asio::ip::address_v4> read(std::string_view rdata);
};
template <>
struct DnsRecordType<MxRecord> {
  static constexpr int number = 15;
  static std::optional<MxRecord> read(std::string_view rdata);
};
template <>
struct DnsRecordType<TextRecord> {
  static constexpr int number = 16;
  static std::optional<TextRecord> read(std::string_view rdata);
};
template <>
struct DnsRecordType<asio::ip::address_v6> {
  static constexpr int number = 28;
  static std::optional<asio::ip::address_v6> read(std::string_view rdata);
};
template <>
struct DnsRecordType<TlsaRecord> {
  static constexpr int number = 52;
  static std::optional<TlsaRecord> read(std::string_view rdata);
};

template <class Record>
DnsAnswer<Record> read_records(const DnsReply& reply) {
  DnsAnswer<Record> answer{reply, {}};
  for (const std::string& rdata : reply.rdata) {
    auto record = DnsRecordType<Record>::read(rdata);
    if (!record) {
      answer.records.clear();
      answer.status = DnsStatus::failed;
      answer.reason = "a record of the answer is malformed";
      break;
    }
    answer.records.push_back(*std::move(record));
  }
  return answer;
}

}  // namespace postern::smtp
