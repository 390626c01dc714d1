#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <quicket/plugin/descriptor.hpp>

namespace quicket {

// What the tests of the webhook carrier do with sockets on 127.0.0.1.

constexpr int kSocketPatience = 10'000;  // milliseconds

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Bound is a TCP socket that has a port of its own, and listens when it is told to.
class Bound {
 public:
  explicit Bound(std::uint16_t port = 0)
      : socket_(plugin::Descriptor::owned(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
    const int yes = 1;
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = loopback(port);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.fd(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  void listen() { EXPECT_EQ(::listen(socket_.fd(), 16), 0); }
  std::uint16_t port() const { return port_; }
  int fd() const { return socket_.fd(); }

 private:
  plugin::Descriptor socket_;
  std::uint16_t port_ = 0;
};

inline std::uint16_t free_port() { return Bound().port(); }

// connect_to waits until somebody listens there.
inline plugin::Descriptor connect_to(std::uint16_t port) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kSocketPatience);
  for (;;) {
    auto socket = plugin::Descriptor::owned(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("nobody listens");
    ::poll(nullptr, 0, 5);
  }
}

inline void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the other side has heard enough
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// read_more gives what comes next, nothing at the end.
inline std::string read_more(int fd) {
  std::array<char, 16'384> piece;
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  if (::poll(&one, 1, kSocketPatience) != 1) {
    ADD_FAILURE() << "nothing comes";
    return {};
  }
  const ssize_t size = ::recv(fd, piece.data(), piece.size(), 0);
  return {piece.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
}

inline std::string read_all(int fd) {
  std::string all;
  for (std::string piece = read_more(fd); !piece.empty(); piece = read_more(fd)) all += piece;
  return all;
}

// ask sends bytes and gives all that comes back.
inline std::string ask(std::uint16_t port, std::string_view bytes) {
  const plugin::Descriptor socket = connect_to(port);
  send_all(socket.fd(), bytes);
  ::shutdown(socket.fd(), SHUT_WR);
  return read_all(socket.fd());
}

inline std::string post(std::string_view path, std::string_view body, std::string_view more_headers = "") {
  return std::string("POST ").append(path).append(" HTTP/1.1\r\nHost: here\r\nContent-Length: ") +
         std::to_string(body.size()) + "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

inline std::string answer(int status, std::string_view more_headers = "", std::string_view body = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " So\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more_headers) + "\r\n" + std::string(body);
}

// ScriptedServer gives one answer after the other, the last one again and again, and keeps what it was asked.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    bound_.listen();
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(bound_.fd(), SHUT_RDWR);
    thread_.join();
  }

  std::uint16_t port() const { return bound_.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/hook"; }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (std::size_t number = 0;; ++number) {
      const int fd = ::accept4(bound_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const plugin::Descriptor socket = plugin::Descriptor::owned(fd);
      std::string request;
      while (!is_whole(request)) {
        const std::string piece = read_more(fd);
        if (piece.empty()) break;
        request += piece;
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
      }
      send_all(fd, answers_[std::min(number, answers_.size() - 1)]);
    }
  }
  static bool is_whole(const std::string& request) {
    const std::size_t end = request.find("\r\n\r\n"), length = request.find("Content-Length: ");
    if (end == std::string::npos || length == std::string::npos) return false;
    return request.size() >= end + 4 + std::stoul(request.substr(length + 16));
  }

  const std::vector<std::string> answers_;
  Bound bound_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace quicket
