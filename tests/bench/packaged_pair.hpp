#pragma once

#include "tests/bench/load.hpp"

#include <string>

namespace quicket::bench {

// PackagedPair is ngtcp2's example server and client as Debian packages them (ngtcp2-server-gnutls and
// ngtcp2-client-gnutls): HTTP/3 over the libraries that we use too. The server makes up what it sends, the client
// discards it.
class PackagedPair {
 public:
  // is_there: both programs are installed.
  static bool is_there();

  PackagedPair();
  ~PackagedPair();

  // measure moves a load from the server, started for it, to the client. What starting, the handshake and the end take
  // is measured by a fetch of one byte and taken off. Ends the program when a program fails.
  Measured measure(const Load& load) const;

 private:
  Measured fetch(const Load& load) const;

  std::string folder_;  // of the certificate and key
};

}  // namespace quicket::bench
