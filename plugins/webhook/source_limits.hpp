#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include <boost/asio/ip/address.hpp>

namespace quicket::plugin {

// SourceLimits bounds what strangers cost: connections at once, in all and of one source, and requests of one source
// over time. A source is an IPv4 address or the /64 of an IPv6 address. Times in milliseconds, of a clock that never
// goes back.
class SourceLimits {
 public:
  static constexpr std::size_t kMaxConnections = 64;
  static constexpr std::size_t kMaxConnectionsOfSource = 8;
  static constexpr std::size_t kMaxSources = 1'024;
  static constexpr std::int64_t kRequestEvery = 1'000;  // one request of a source in this time, on the long run,
  static constexpr std::int64_t kBurst = 60;            // and so many at once

  // open counts a connection. False: there are enough.
  bool open(const boost::asio::ip::address& source, std::int64_t now);
  // close: a counted one has ended.
  void close(const boost::asio::ip::address& source);
  // request counts a request on an open connection. Nothing when it is admitted, else milliseconds to wait.
  std::optional<std::int64_t> request(const boost::asio::ip::address& source, std::int64_t now);

 private:
  struct Source {
    std::size_t connections = 0;
    std::int64_t free_at = 0;  // when all that it had would be restored
  };
  static boost::asio::ip::address source_of(const boost::asio::ip::address& address);

  std::map<boost::asio::ip::address, Source> sources_;
  std::size_t connections_ = 0;
};

}  // namespace quicket::plugin
