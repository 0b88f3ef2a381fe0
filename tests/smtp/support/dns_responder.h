// A scripted DNS server on 127.0.0.1 (UDP and TCP, one port): answers what a test tells it to, with
// the faults it asks for. Every name it was not told of does not exist.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace postern::smtp::test {

enum class DnsType : std::uint16_t {
  a = 1,
  cname = 5,
  soa = 6,
  mx = 15,
  txt = 16,
  aaaa = 28,
  tlsa = 52
};

struct DnsReplyScript {
  enum class Fault { none, silent, rubbish, truncated };  ///< truncated: over UDP only
  int response_code = 0;
  std::vector<std::string> rdata;  ///< wire form
  Fault fault = Fault::none;
  std::string alias;  ///< a CNAME to this name comes first, and the records are that name's
};

class DnsResponder {
 public:
  DnsResponder();
  ~DnsResponder();
  DnsResponder(const DnsResponder&) = delete;
  DnsResponder& operator=(const DnsResponder&) = delete;

  /// As a forwarder is written: "127.0.0.1@port".
  [[nodiscard]] std::string address() const;
  /// Questions asked for the name and type up to now, repetitions included.
  [[nodiscard]] int questions(const std::string& name, DnsType type);

  void answer(const std::string& name, DnsType type, DnsReplyScript script);
  void mx(const std::string& name, int preference, const std::string& exchange);
  void a(const std::string& name, const std::string& address);
  void aaaa(const std::string& name, const std::string& address);
  void txt(const std::string& name, const std::string& text);
  /// SERVFAIL, silence and so on for one question.
  void fault(const std::string& name, DnsType type, DnsReplyScript::Fault fault);
  void server_failure(const std::string& name, DnsType type);
  /// Takes back what was said of it; the name exists still.
  void no_data(const std::string& name, DnsType type);

 private:
  using Question = std::pair<std::string, DnsType>;
  void serve();
  void serve_datagram();
  void serve_connection();
  /// The reply to a message; empty: none.
  std::string reply(std::string_view message, bool datagram);
  void add(const std::string& name, DnsType type, std::string rdata);

  int datagrams_;
  int listener_;
  int port_ = 0;
  std::mutex mutex_;
  std::map<Question, DnsReplyScript> scripts_;
  std::map<Question, int> questions_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

/// The wire form of a name: "mx.example", or "" for the root.
std::string wire_name(std::string_view name);

}  // namespace postern::smtp::test
