#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include "core/quic/tls.hpp"
#include "core/transport/sink.hpp"
#include "relay/forward/userspace_forwarder.hpp"
#include "relay/service/service.hpp"
#include "relay/table/route_table.hpp"
#include "transports/http3/server.hpp"

#include <memory>
#include <optional>
#include <span>

namespace quicket::relay {

struct EngineConfig {
  std::shared_ptr<const quic::Credentials> credentials;
  Bytes reset_secret;  // 32 bytes, the same after a restart
  Limits limits;
  ServiceOptions service;
  ForwardOptions forward;
  RouteTable::DeriveIds derive_ids = relay::derive_ids;
  std::size_t max_connections = 10'000;  // of HTTP/3
};

// Engine is a whole relay without its sockets: registrations over HTTP/3 and forwarding, on one UDP port.
//
//   for each batch of datagrams:  receive(datagrams, now)
//   at deadline():                on_deadline(now)
//
// What is to leave goes into the sink before either returns. No I/O; time is an argument. Thread safety: none.
class Engine {
 public:
  // create borrows the sink. Errors: errc::invalid_argument (configuration).
  static Result<std::unique_ptr<Engine>> create(EngineConfig config, DatagramSink& sink);

  void receive(std::span<const Received> datagrams, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  // reconfigure takes what can change while it runs: everything but the totals of the limits, the reset secret and how
  // to forward. Connections and registrations stay. Errors: errc::invalid_argument, and nothing has changed.
  Result<void> reconfigure(EngineConfig config);

  // drain takes no more registrations and says goodbye to HTTP/3 clients; forwarding goes on.
  void drain(TimePoint now);
  bool is_draining() const noexcept { return draining_; }
  // is_drained: nobody is registered or connected any more.
  bool is_drained() const noexcept { return draining_ && table_.registrations() == 0 && server_->is_drained(); }

  const RouteTable& table() const noexcept { return table_; }
  const Service& service() const noexcept { return service_; }
  const transports::Http3Server& server() const noexcept { return *server_; }
  ForwardCounters forwarded() const { return forwarder_.counters(); }

 private:
  Engine(EngineConfig config, std::unique_ptr<transports::Http3Server> server, DatagramSink& sink);
  void serve(TimePoint now);
  void on(const transports::Http3Server::RequestArrived& event, TimePoint now);
  void sweep(TimePoint now);

  DatagramSink& sink_;
  std::unique_ptr<transports::Http3Server> server_;
  RouteTable table_;
  Service service_;
  UserspaceForwarder forwarder_;
  std::optional<TimePoint> next_sweep_;
  bool draining_ = false;
};

}  // namespace quicket::relay
