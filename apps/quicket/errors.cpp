#include "apps/quicket/errors.hpp"

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
    case Errc::kOfferNotForPairing:
    case Errc::kCarrierNothing:
      return Exit::kBadInput;

    case Errc::kPeerIdMalformed:
    case Errc::kNameTaken:
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
    case Errc::kOfferForPairing:
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

}  // namespace

Exit exit_for(const error_code& code) noexcept {
  if (!code) return Exit::kOk;
  if (code.category() == error_category()) return exit_for_quicket(static_cast<Errc>(code.value()));
  return apps::exit_for_system(code);
}

Problem problem_of(const Failure& failure, std::string_view about) {
  std::string message(about);
  if (!message.empty()) message += ": ";
  message += failure.message();
  return {exit_for(failure.code), std::move(message)};
}

Problem own_file_problem(const error_code& code, std::string_view about) {
  Problem problem = problem_of(code, about);
  problem.exit = apps::exit_for_own_file(code);
  return problem;
}

Failure failure_of(const boost::system::system_error& error) {
  const std::string what = error.what();
  const std::string suffix = ": " + error.code().what();
  if (!what.ends_with(suffix)) return {error.code(), {}};
  return {error.code(), what.substr(0, what.size() - suffix.size())};
}

}  // namespace quicket::cli
