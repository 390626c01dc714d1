#include "tests/bench/packaged_pair.hpp"

#include "core/quic/credentials.hpp"
#include "core/quic/tls.hpp"
#include "transports/udp/socket.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace quicket::bench {

namespace {

constexpr const char* kServer = "/usr/sbin/gtlsserver";
constexpr const char* kClient = "/usr/bin/gtlsclient";

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "the packaged pair: %s\n", what);
  std::exit(1);
}

// Child is a process with its output discarded.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int failed = posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) give_up("a program does not start");
  }
  // wait gives whether it ended well.
  bool wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  void terminate() const { kill(pid_, SIGTERM); }

 private:
  pid_t pid_ = 0;
};

std::uint16_t free_port() { return UdpSocket::bind(Address::loopback(0)).value().local_address().port(); }

// await_server waits until somebody holds the port, which trying to bind it could prevent.
void await_server(std::uint16_t port) {
  std::array<char, 8> wanted{};
  std::snprintf(wanted.data(), wanted.size(), ":%04X ", port);
  for (int i = 0; i < 5'000; ++i) {
    std::ifstream sockets("/proc/net/udp");
    for (std::string line; std::getline(sockets, line);) {
      if (line.find(wanted.data()) != std::string::npos) return;
    }
    poll(nullptr, 0, 1);
  }
  give_up("the server does not come up");
}

}  // namespace

bool PackagedPair::is_there() { return access(kServer, X_OK) == 0 && access(kClient, X_OK) == 0; }

PackagedPair::PackagedPair() {
  std::string name = std::filesystem::temp_directory_path() / "quicket-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
  folder_ = name;
  const auto pem = quic::make_self_signed({"localhost"}).value();
  std::ofstream(folder_ + "/key.pem") << pem.key;
  std::ofstream(folder_ + "/certificate.pem") << pem.certificate;
}

PackagedPair::~PackagedPair() { std::filesystem::remove_all(folder_); }

Measured PackagedPair::measure(const Load& load) const {
  const Measured idle = fetch({.bytes = 1, .streams = 1}), all = fetch(load);
  return {.seconds = all.seconds - idle.seconds, .cpu_seconds = all.cpu_seconds - idle.cpu_seconds};
}

Measured PackagedPair::fetch(const Load& load) const {
  const std::uint16_t port = free_port();
  const std::string port_text = std::to_string(port);
  const double cpu_before = cpu_seconds_of_children();
  const Child server({kServer, "-q", "--no-quic-dump", "--no-http-dump", "--max-dyn-length=4G", "-d", folder_,
                      "127.0.0.1", port_text, folder_ + "/key.pem", folder_ + "/certificate.pem"});
  await_server(port);
  const auto start = std::chrono::steady_clock::now();
  const Child client({kClient, "-q", "--no-quic-dump", "--no-http-dump", "--exit-on-all-streams-close", "-n",
                      std::to_string(load.streams), "127.0.0.1", port_text,
                      "https://localhost/" + std::to_string(load.per_stream())});
  if (!client.wait()) give_up("the client failed");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  server.terminate();
  static_cast<void>(server.wait());
  return {.seconds = seconds, .cpu_seconds = cpu_seconds_of_children() - cpu_before};
}

}  // namespace quicket::bench
