// What the conformance suite needs to know of this carrier: how to make a channel, and how an enemy gets into it.
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include <quicket/conformance/suite.hpp>

namespace quicket::conformance {
namespace {

class SocketChannel : public Channel {
 public:
  SocketChannel() : folder_(::mkdtemp(name_.data())) {}
  ~SocketChannel() override { std::filesystem::remove_all(folder_); }

  Options deliver_options() override { return {{"path", path()}}; }
  Options receive_options() override { return {{"path", path()}}; }

  void inject(std::span<const std::uint8_t> bytes) override {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::usleep(1'000);
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;  // the carrier has seen enough
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    ::close(fd);
  }

 private:
  std::string path() const { return folder_ + "/socket"; }

  std::string name_ = "/tmp/unix-carrier-XXXXXX";
  std::string folder_;
};

const std::vector kSubjects{Subject{.name = "Socket",
                                    .plugin = PLUGIN,
                                    .make_channel = [] { return std::make_unique<SocketChannel>(); },
                                    .blocks = true}};  // deliver waits until somebody receives

}  // namespace

QUICKET_CARRIER_CONFORMANCE(kSubjects);

}  // namespace quicket::conformance
