// A real DNS server (NSD) on 127.0.0.1 with zones signed by a key made now (ldnsutils), started and
// ended by the test.
#pragma once

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace postern::smtp::test {

struct Zone {
  enum class Signing { none, good, expired };
  std::string name;
  std::string records;  ///< zone file lines; SOA, NS and the server's address are added
  Signing signing = Signing::good;
  /// Text replaced behind the signer's back.
  std::vector<std::pair<std::string, std::string>> forgeries;
};

class DnssecServer {
 public:
  static bool installed();

  /// Throws std::runtime_error where a tool fails or the server does not come up.
  explicit DnssecServer(const std::vector<Zone>& zones);
  ~DnssecServer();
  DnssecServer(const DnssecServer&) = delete;
  DnssecServer& operator=(const DnssecServer&) = delete;

  /// As a forwarder is written.
  [[nodiscard]] std::string address() const { return "127.0.0.1@" + std::to_string(port_); }
  /// The keys of the signed zones.
  [[nodiscard]] std::string trust_anchor_file() const { return directory_ + "/anchors"; }

 private:
  void write_zone(const Zone& zone) const;
  void sign(const Zone& zone) const;
  void write_configuration(const std::vector<Zone>& zones) const;
  void start();
  void run(const std::string& command) const;

  std::string directory_;
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace postern::smtp::test
