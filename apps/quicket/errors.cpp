#include "apps/quicket/errors.hpp"

#include <cerrno>

namespace quicket::cli {

namespace {

Exit exit_for_quicket(Errc code) noexcept {
  switch (code) {
    case Errc::kOfferMalformed:
    case Errc::kOfferTooLarge:
    case Errc::kOfferVersion:
    case Errc::kOfferExpired:
    case Errc::kOfferReplayed:
    case Errc::kOfferNotForUs:
    case Errc::kCarrierNothing:
      return Exit::kBadInput;

    case Errc::kPeerIdMalformed:
    case Errc::kRelayUrlMalformed:
    case Errc::kCarrierOption:
    case Errc::kCarrierTooSmall:
    case Errc::kCarrierExposes:
      return Exit::kUsage;

    case Errc::kRelayUnreachable:
    case Errc::kRelayRefused:
    case Errc::kClosedByPeer:
    case Errc::kIdleTimeout:
    case Errc::kHandshakeFailed:
    case Errc::kNoCommonProtocol:
    case Errc::kPeerSilent:
    case Errc::kProtocolViolation:
    case Errc::kConnectionClosed:
    case Errc::kStreamReset:
    case Errc::kStreamStopped:
    case Errc::kHttpMalformed:
    case Errc::kHttpTooLarge:
    case Errc::kHttpGoingAway:
    case Errc::kCarrierNotFound:
    case Errc::kCarrierBroken:
      return Exit::kUnavailable;

    case Errc::kCarrierFailed:
      return Exit::kInputOutput;

    case Errc::kAnsweredElsewhere:
    case Errc::kDialDeadline:
    case Errc::kHttpDeadline:
    case Errc::kRelayOverQuota:
    case Errc::kReplayMemoryFull:
    case Errc::kOutOfResources:
      return Exit::kTemporary;

    case Errc::kPeerUnknown:
    case Errc::kOfferUnsealed:
    case Errc::kOfferRelayRefused:
    case Errc::kPeerKeyMismatch:
    case Errc::kRelayPinMismatch:
    case Errc::kRefusedByPeer:
    case Errc::kPairingFailed:
    case Errc::kKeyFileExposed:
      return Exit::kNoPermission;

    case Errc::kKeyFileMalformed:
    case Errc::kTrustMalformed:
    case Errc::kReplayMemoryDamaged:
    case Errc::kNoRelay:
      return Exit::kConfig;

    case Errc::kCancelled:
      return Exit::kInterrupted;

    case Errc::kWouldBlock:
    case Errc::kStreamUnknown:
    case Errc::kTooLarge:
    case Errc::kUnsupported:
    case Errc::kInternal:
      return Exit::kInternal;
  }
  return Exit::kInternal;
}

Exit exit_for_system(int value) noexcept {
  switch (value) {
    case EACCES:
    case EPERM:
    case EROFS:
    case EEXIST:
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
      return Exit::kCannotCreate;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ECONNREFUSED:
      return Exit::kUnavailable;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ETIMEDOUT:
      return Exit::kTemporary;
    default:
      return Exit::kInputOutput;
  }
}

}  // namespace

Exit exit_for(const error_code& code) noexcept {
  if (!code) return Exit::kOk;
  if (code.category() == error_category()) return exit_for_quicket(static_cast<Errc>(code.value()));
  const auto condition = code.default_error_condition();
  if (condition.category() == boost::system::generic_category()) return exit_for_system(condition.value());
  return Exit::kUnavailable;  // Asio's own: names that do not resolve, streams that ended
}

Problem problem_of(const Failure& failure, std::string_view about) {
  std::string message(about);
  if (!message.empty()) message += ": ";
  message += failure.message();
  return {exit_for(failure.code), std::move(message)};
}

}  // namespace quicket::cli
