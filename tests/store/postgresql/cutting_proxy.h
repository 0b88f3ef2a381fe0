// A proxy before PostgreSQL's socket that cuts a connection at a given octet of what the server
// says.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <thread>
#include <vector>

namespace postern::store::test {

class CuttingProxy {
 public:
  /// Listens in `directory` as a server does there, and passes on to the one in `server`.
  CuttingProxy(const std::filesystem::path& directory, std::filesystem::path server);
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;
  ~CuttingProxy();

  /// The connections there are now are cut once the server has said so many more octets; later ones
  /// are not. What the server was told has reached it, what it says beyond is lost.
  void cut_after(std::size_t octets);
  /// Whether that has happened.
  [[nodiscard]] bool has_cut() const { return left_ < 0; }
  [[nodiscard]] std::size_t passed() const { return passed_; }

 private:
  void serve();
  void pass(int client, int generation);

  std::filesystem::path server_;
  int listener_ = -1;
  std::atomic<bool> ending_ = false;
  std::atomic<int> generation_ = 0;  ///< connections of it are to be cut
  std::atomic<std::ptrdiff_t> left_ = never;
  std::atomic<std::size_t> passed_ = 0;
  std::thread thread_;
  std::vector<std::thread> connections_;

  static constexpr std::ptrdiff_t never = std::ptrdiff_t{1} << 60;
};

}  // namespace postern::store::test
