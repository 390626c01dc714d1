#include "apps/quicket-relay/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/descriptor.hpp"

namespace quicket::relayd {

void ServiceManager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // which systemd asks for, to tell this reload from an earlier one
  const auto microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceManager::notify(const std::string& state) const {
  sockaddr_un address{.sun_family = AF_UNIX};
  const bool fits = socket_.size() > 1 && socket_.size() < sizeof address.sun_path;
  if (!fits || (socket_.front() != '/' && socket_.front() != '@')) return;
  std::ranges::copy(socket_, address.sun_path);
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // abstract (unix(7)): without a terminator
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!sender) return;
  ::sendto(sender.fd(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace quicket::relayd
