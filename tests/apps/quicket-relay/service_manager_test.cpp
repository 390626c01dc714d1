#include "apps/quicket-relay/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

#include "core/base/descriptor.hpp"
#include "tests/core/base/temporary_folder.hpp"

namespace quicket::relayd {
namespace {

// Manager is the other side: a socket that takes one message at a time.
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX};
    std::ranges::copy(name, address.sun_path);
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  std::string take() {
    std::array<char, 256> text{};
    const ssize_t size = ::recv(socket_.fd(), text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  Descriptor socket_;
};

TEST(ServiceManager, HearsThatTheDaemonIsReady) {
  const TemporaryFolder folder;
  Manager manager((folder / "notify").string());
  ServiceManager((folder / "notify").string()).ready("serving");
  EXPECT_EQ(manager.take(), "READY=1\nSTATUS=serving");
}

TEST(ServiceManager, HearsThatTheDaemonStops) {
  const TemporaryFolder folder;
  Manager manager((folder / "notify").string());
  ServiceManager((folder / "notify").string()).stopping("draining");
  EXPECT_EQ(manager.take(), "STOPPING=1\nSTATUS=draining");
}

TEST(ServiceManager, MayHaveAnAbstractSocket) {
  const std::string name = "@quicket-test-" + std::to_string(::getpid());
  Manager manager(name);
  ServiceManager(name).ready("serving");
  EXPECT_EQ(manager.take(), "READY=1\nSTATUS=serving");
}

TEST(ServiceManager, MayBeAbsent) {
  for (const std::string& name :
       {std::string(), std::string("/nonexistent/notify"), std::string("relative"), std::string(500, '/')}) {
    EXPECT_NO_FATAL_FAILURE(ServiceManager(name).ready("serving"));
  }
}

}  // namespace
}  // namespace quicket::relayd
