#pragma once

#include <quicket/address.hpp>
#include <quicket/error.hpp>

#include "relay/admin/answer.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace quicket::relay {

struct AdminOptions {
  std::size_t max_connections = 16;     // further ones are closed at once
  std::size_t max_requests = 100;       // on one connection, which is closed then
  std::size_t header_bytes = 8 * 1024;  // of a request; bodies are refused
  std::chrono::seconds patience{10};    // to receive a request, and to take its response
};

// AdminListener serves the admin endpoint as plain HTTP/1.1 on TCP. It knows no passwords: bind it to loopback, or to a
// network that only operators reach. Thread safety: none. Call all members, the destructor too, on the executor: one
// thread that runs it, or a strand.
class AdminListener {
 public:
  // create listens at `local` (port 0 takes any) and begins to serve. Errors: the operating system's, with the address.
  static Outcome<std::unique_ptr<AdminListener>> create(const boost::asio::any_io_executor& executor,
                                                        const Address& local, AdminSource source,
                                                        const AdminOptions& options = {});

  // The destructor closes all connections.
  ~AdminListener();
  AdminListener(const AdminListener&) = delete;
  AdminListener& operator=(const AdminListener&) = delete;

  // local_address has the port that was taken.
  const Address& local_address() const noexcept { return local_; }

 private:
  struct State;
  AdminListener(std::shared_ptr<State> state, const Address& local) : state_(std::move(state)), local_(local) {}

  std::shared_ptr<State> state_;
  Address local_;
};

}  // namespace quicket::relay
