#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace quicket {

using boost::system::error_code;

// Result holds a value or the error_code that says why there is none.
template <class T = void>
using Result = boost::system::result<T>;

// Errc are Quicket's own errors; the operating system's and Asio's keep their categories.
enum class Errc {
  // Offers and their texts.
  kOfferMalformed = 1,
  kOfferTooLarge,
  kOfferVersion,
  kOfferExpired,
  kOfferReplayed,
  kOfferNotForUs,
  kOfferUnsealed,
  kOfferForPairing,
  kOfferNotForPairing,
  kOfferRelayRefused,
  kReplayMemoryFull,
  kReplayMemoryDamaged,
  // Identity and trust.
  kKeyFileMalformed,
  kKeyFileExposed,
  kPeerIdMalformed,
  kTrustMalformed,
  kPeerUnknown,
  kNameTaken,
  kPeerKeyMismatch,
  // Relays.
  kRelayUrlMalformed,
  kRelayUnreachable,
  kRelayPinMismatch,
  kRelayRefused,
  kRelayOverQuota,
  kAnsweredElsewhere,
  kNoRelay,
  // The connection between peers.
  kDialDeadline,
  kCancelled,
  kHandshakeFailed,
  kRefusedByPeer,
  kClosedByPeer,
  kIdleTimeout,
  kProtocolViolation,
  kNoCommonProtocol,
  kPeerSilent,
  kConnectionClosed,
  kPairingFailed,
  // Streams and datagrams.
  kWouldBlock,
  kStreamReset,
  kStreamStopped,
  kStreamUnknown,
  kTooLarge,
  kUnsupported,
  // HTTP/3.
  kHttpMalformed,
  kHttpTooLarge,
  kHttpDeadline,
  kHttpGoingAway,
  // Carriers.
  kCarrierNotFound,
  kCarrierBroken,
  kCarrierOption,
  kCarrierFailed,
  kCarrierTooSmall,
  kCarrierExposes,
  kCarrierNothing,
  // The host.
  kOutOfResources,
  kInternal,
};

const boost::system::error_category& error_category() noexcept;

inline error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), error_category()}; }

// Failure is an error with the facts of this one case: which key, which relay, which file.
// `detail` is a full sentence part without a final stop; empty when the code says all.
struct Failure {
  error_code code;
  std::string detail;

  // message is what a person is shown: the detail where there is one, else the code's own text.
  std::string message() const { return detail.empty() ? code.message() : detail; }

  // raise throws boost::system::system_error with code and detail: for Asio's throwing forms and program exit.
  [[noreturn]] void raise() const;
};

// Outcome is Result for what a person will read about: its error says which key, which relay, which file.
template <class T = void>
using Outcome = boost::system::result<T, Failure>;

// throw_exception_from_error is what Outcome's value() calls where there is none.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
  failure.raise();
}

}  // namespace quicket

template <>
struct boost::system::is_error_code_enum<quicket::Errc> : std::true_type {};
