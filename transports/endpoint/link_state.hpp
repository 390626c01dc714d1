#pragma once

#include <quicket/connection.hpp>
#include <quicket/stream.hpp>

#include "core/base/fifo.hpp"
#include "transports/endpoint/driver.hpp"
#include "transports/endpoint/pending.hpp"
#include "transports/endpoint/stream_state.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quicket::detail {

// LinkState is a connection as the application has it: its streams, and what waits for them.
// Thread safety: all on the strand, but facts(), strand() and next_operation(). `driver` outlives it.
class LinkState : public std::enable_shared_from_this<LinkState> {
 public:
  struct Facts {
    LinkId id;
    PeerId peer;
    std::string protocol;
    bool is_dialer = false;
  };

  LinkState(Driver& driver, Facts facts);

  const Facts& facts() const noexcept { return facts_; }
  const Strand& strand() const noexcept { return driver_.strand(); }
  OperationId next_operation() noexcept { return driver_.next_operation(); }

  // What the engine tells.
  void on_event(const quic::Event& event);
  void on_disconnected(const Disconnected& event);
  // abort ends all, and says why. drop destroys what waits, uncalled.
  void abort(Failure why);
  void drop();

  // What the application asks for. `self` is a handle of this connection; operations hold on to it.
  using Self = std::shared_ptr<ConnectionHandle>;
  using StreamPending = Pending<Outcome<Stream>>;
  void open_stream(OperationId id, quic::Direction direction, Self self, StreamPending pending);
  void accept_stream(OperationId id, quic::Direction direction, Self self, StreamPending pending);
  void send_datagram(OperationId id, ByteView datagram, Pending<Outcome<>> pending);
  void receive_datagram(OperationId id, Pending<Outcome<Bytes>> pending);
  void wait_closed(OperationId id, Pending<Outcome<ConnectionEnd>> pending);
  void close(std::uint64_t code, std::string_view text);
  void cancel(OperationId id);

  // with_stream does `action(StreamState&, quic::Connection*)` to a stream whose handle is alive; the connection is
  // null after the end.
  template <class Action>
  void with_stream(quic::StreamId id, Action&& action) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    action(found->second, connection());
    touch();
  }
  // abandon_stream: the stream's handle is gone.
  void abandon_stream(quic::StreamId id);

  std::size_t max_datagram();
  PathInfo path();
  ConnectionStatistics statistics();
  Result<Bytes> exporter(std::string_view label, std::size_t size);

 private:
  struct Opening {
    OperationId id;
    Self self;
    StreamPending pending;
  };
  struct Sending {
    OperationId id;
    ByteView datagram;
    Pending<Outcome<>> pending;
  };
  template <class T>
  struct Waiting {
    OperationId id;
    Pending<Outcome<T>> pending;
  };

  quic::Connection* connection();
  void touch();
  void finish(ConnectionEnd end);
  Stream make_stream(quic::StreamId id, Self self);
  void serve_opening(quic::Direction direction);
  void serve_accepting(quic::Direction direction);
  void serve_datagrams();
  void serve_sending();
  void wait_for_room();
  StreamState* find(quic::StreamId id);

  Driver& driver_;
  const Facts facts_;
  std::optional<ConnectionEnd> end_;
  PathInfo last_path_;
  ConnectionStatistics last_statistics_;

  std::map<quic::StreamId, StreamState> streams_;  // whose handles are alive
  std::map<quic::Direction, std::list<Opening>> opening_, accepting_;
  std::map<quic::Direction, Fifo<quic::StreamId>> opened_;  // by the other side, which the QUIC limits bound
  std::list<Sending> sending_;
  bool waits_for_room_ = false;  // in the queue of datagrams
  std::list<Waiting<Bytes>> receiving_;
  std::list<Waiting<ConnectionEnd>> waiting_for_end_;
};

// ConnectionHandle is what all copies of a Connection and all its Streams share. The last one closes the connection.
struct ConnectionHandle {
  ConnectionHandle(std::shared_ptr<Driver::Owner> owner, std::shared_ptr<LinkState> state)
      : keeper(std::move(owner)), link(std::move(state)) {}
  ConnectionHandle(const ConnectionHandle&) = delete;
  ConnectionHandle& operator=(const ConnectionHandle&) = delete;
  ~ConnectionHandle();
  static Connection connection_of(std::shared_ptr<ConnectionHandle> handle) noexcept {
    return Connection(std::move(handle));
  }

  std::shared_ptr<Driver::Owner> keeper;  // of the driver that `link` refers to
  std::shared_ptr<LinkState> link;
};

// StreamHandle is a Stream's. It gives the stream up at its end.
struct StreamHandle {
  StreamHandle(std::shared_ptr<ConnectionHandle> handle, quic::StreamId stream)
      : connection(std::move(handle)), id(stream) {}
  StreamHandle(const StreamHandle&) = delete;
  StreamHandle& operator=(const StreamHandle&) = delete;
  ~StreamHandle();
  static Stream stream_of(std::shared_ptr<StreamHandle> handle) noexcept { return Stream(std::move(handle)); }

  std::shared_ptr<ConnectionHandle> connection;
  quic::StreamId id;
};

}  // namespace quicket::detail
