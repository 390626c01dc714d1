#pragma once

#include <string>
#include <string_view>

namespace quicket::relayd {

// ServiceManager tells systemd how the daemon is doing: sd_notify(3), without its library. Nothing happens where there
// is no NOTIFY_SOCKET, or where it does not take the message: the daemon works without.
class ServiceManager {
 public:
  // `socket` is $NOTIFY_SOCKET: a path, or '@' and an abstract name; empty: none.
  explicit ServiceManager(std::string_view socket) : socket_(socket) {}

  // ready: everything is served. reloading: the configuration is being read again; ready follows. stopping: it will end
  // soon. `status` is a line for people.
  void ready(std::string_view status) const { notify("READY=1\nSTATUS=" + std::string(status)); }
  void reloading() const;
  void stopping(std::string_view status) const { notify("STOPPING=1\nSTATUS=" + std::string(status)); }

 private:
  void notify(const std::string& state) const;

  std::string socket_;
};

}  // namespace quicket::relayd
