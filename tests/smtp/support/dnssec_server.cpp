#include "tests/smtp/support/dnssec_server.h"

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "tests/smtp/support/loopback.h"

namespace postern::smtp::test {
namespace {

constexpr const char* server_program = "/usr/sbin/nsd";
constexpr const char* key_program = "/usr/bin/ldns-keygen";
constexpr const char* sign_program = "/usr/bin/ldns-signzone";

bool listens(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return connected;
}

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

}  // namespace

bool DnssecServer::installed() {
  for (const char* program : {server_program, key_program, sign_program}) {
    if (::access(program, X_OK) != 0) return false;
  }
  return true;
}

DnssecServer::DnssecServer(const std::vector<Zone>& zones) : port_(free_port()) {
  char path[] = "/tmp/postern-dnssec-XXXXXX";
  if (::mkdtemp(path) == nullptr) throw std::runtime_error("no directory for the zones");
  directory_ = path;
  for (const Zone& zone : zones) {
    write_zone(zone);
    if (zone.signing != Zone::Signing::none) sign(zone);
  }
  write_configuration(zones);
  start();
}

DnssecServer::~DnssecServer() {
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  std::filesystem::remove_all(directory_);
}

void DnssecServer::run(const std::string& command) const {
  const std::string quiet = fmt::format("cd {} && ( {} ) >>log 2>&1", directory_, command);
  if (std::system(quiet.c_str()) != 0) {
    throw std::runtime_error(command + ": " + content_of(directory_ + "/log"));
  }
}

void DnssecServer::write_zone(const Zone& zone) const {
  std::ofstream(directory_ + '/' + zone.name)
      << "$ORIGIN " << zone.name << ".\n$TTL 300\n"
      << "@ IN SOA ns root 1 3600 600 86400 300\n@ IN NS ns\nns IN A 127.0.0.1\n"
      << zone.records;
}

void DnssecServer::sign(const Zone& zone) const {
  const bool expired = zone.signing == Zone::Signing::expired;
  run(fmt::format(
      "key=$({} -r /dev/urandom -a ECDSAP256SHA256 -k {}); cat $key.key >>anchors; "
      "{} {} -f {}.signed {} $key; mv {}.signed {}",
      key_program, zone.name, sign_program, expired ? "-i 20200101000000 -e 20200201000000" : "",
      zone.name, zone.name, zone.name, zone.name));
  const std::string file = directory_ + '/' + zone.name;
  std::string text = content_of(file);
  for (const auto& [from, to] : zone.forgeries) replace_all(text, from, to);
  std::ofstream(file) << text;
}

void DnssecServer::write_configuration(const std::vector<Zone>& zones) const {
  std::ofstream file(directory_ + "/nsd.conf");
  file << fmt::format(
      "server:\n  ip-address: 127.0.0.1@{0}\n  username: \"\"\n  chroot: \"\"\n"
      "  zonesdir: \"{1}\"\n  database: \"\"\n  pidfile: \"{1}/pid\"\n  xfrdir: \"{1}\"\n"
      "  xfrdfile: \"{1}/xfrd\"\n  zonelistfile: \"{1}/zones\"\n  logfile: \"{1}/log\"\n"
      "  server-count: 1\nremote-control:\n  control-enable: no\n",
      port_, directory_);
  for (const Zone& zone : zones) {
    file << fmt::format("zone:\n  name: {0}\n  zonefile: {0}\n", zone.name);
  }
}

void DnssecServer::start() {
  std::string configuration = directory_ + "/nsd.conf";
  std::string words[] = {server_program, "-d", "-c", configuration};
  char* const arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                             nullptr};
  if (::posix_spawn(&process_, server_program, nullptr, nullptr, arguments, environ) != 0) {
    throw std::runtime_error("NSD cannot be started");
  }
  for (int attempt = 0; attempt < 500 && ::waitpid(process_, nullptr, WNOHANG) == 0; ++attempt) {
    if (listens(port_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("NSD does not come up: " + content_of(directory_ + "/log"));
}

}  // namespace postern::smtp::test
