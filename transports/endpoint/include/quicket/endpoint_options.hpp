#pragma once

#include <quicket/address.hpp>
#include <quicket/identity.hpp>
#include <quicket/progress.hpp>
#include <quicket/relay_url.hpp>
#include <quicket/time.hpp>
#include <quicket/trust.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// LogHook gets one line without its end: never key material, offers or whole connection IDs, nothing per packet. It is
// called on the endpoint's executor, and for carriers in their threads; it must not throw. A function, not a logger's
// type: which library an application logs with is its own choice.
using LogHook = std::function<void(LogLevel, std::string_view line)>;

// EndpointTimeouts are all the times that an application may want to change.
struct EndpointTimeouts {
  Duration resolve = std::chrono::seconds(5);      // for the addresses of relays that are given by name
  Duration handshake = std::chrono::seconds(30);   // from the answer on
  Duration hello = std::chrono::seconds(10);       // from the end of the handshake on
  Duration idle = std::chrono::seconds(30);        // a connection ends after so long without a sign of life
  Duration keep_alive = std::chrono::seconds(10);  // a quiet connection gives one so often; 0: none
  Duration close = std::chrono::seconds(3);        // Endpoint::close() takes no longer
};

// EndpointOptions are what an endpoint is and may do.
struct EndpointOptions {
  Identity identity;
  TrustStore trust{};                    // who may call
  std::vector<RelayUrl> relays{};        // that dials use, in order of preference; the first eight count
  std::vector<std::string> protocols{};  // the application's, in order of preference: 1 to 16 of 1 to 255 bytes

  // state is the folder of what must survive a restart: the memory of used offers and the secret of stateless resets.
  // It is made when missing; several processes may share it. Empty: in memory only, and a restart forgets which offers
  // were used.
  std::filesystem::path state{};

  Address bind{};                     // of the UDP socket; 0.0.0.0 also takes IPv6 where the system has it; port 0: any
  bool allow_unsealed = false;        // accept offers that only prove in the handshake who calls
  bool allow_private_relays = false;  // accept offers that name relays at loopback, link-local or private addresses
  bool bbr = false;                   // congestion control for lossy links, else CUBIC
  EndpointTimeouts timeouts{};

  std::filesystem::path qlog{};  // folder for one qlog file per connection, made when missing; empty: none
  std::filesystem::path
      key_log{};  // file for TLS secrets (SSLKEYLOGFILE): whoever reads it can decrypt everything; empty: none
  LogHook log{};  // empty: nothing is logged
};

// PairingOptions are for first contact: a peer is met whose key is not known yet. What takes its place is a one-time
// secret in the offer, so whoever reads the offer in time can take the peer's place: give it to nobody else.
struct PairingOptions {
  // name is what the peer is called from then on. A name that the endpoint knows is good for the key that it has, and
  // for no other. As in TrustedPeer.
  std::string name{};
};

constexpr std::chrono::minutes kDialPatience{15}, kPairingPatience{10};

// DialOptions are what one dial may choose.
struct DialOptions {
  // patience lasts until connected, and the offer expires then: 7 days at most, for pairing 24 hours. Nothing:
  // kDialPatience, kPairingPatience.
  std::optional<Duration> patience{};
  bool sealed = true;  // else an open offer: whoever reads it in time can end the dial, and sees who calls from where
  bool allow_exposed = false;            // an open or pairing offer may go where others read and alter it
  std::vector<RelayUrl> home_relays{};   // of the peer, for carriers that need them
  std::vector<std::string> protocols{};  // instead of the endpoint's; empty: those
  OnProgress on_progress{};
};

// AcceptOptions are what one accept or listener may choose. Refused offers and attempts that fail are told to
// on_progress, and receiving goes on.
struct AcceptOptions {
  std::optional<PairingOptions> pairing{};  // take pairing offers, and no others
  bool allow_exposed = false;               // also where others read and alter them
  std::vector<std::string> protocols{};     // instead of the endpoint's; empty: those
  OnProgress on_progress{};
};

}  // namespace quicket
