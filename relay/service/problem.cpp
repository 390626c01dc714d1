#include "relay/service/problem.hpp"

namespace quicket::relay {

const ProblemFacts& facts(ProblemKind kind) noexcept {
  static constexpr ProblemFacts kNotFound{404, "quicket:not-found", "No such resource"};
  static constexpr ProblemFacts kMethodNotAllowed{405, "quicket:method-not-allowed", "Method not allowed"};
  static constexpr ProblemFacts kTooLarge{413, "quicket:too-large", "Request too large"};
  static constexpr ProblemFacts kMediaType{415, "quicket:media-type", "Media type not supported"};
  static constexpr ProblemFacts kMalformed{400, "quicket:malformed", "Malformed request"};
  static constexpr ProblemFacts kCrossSite{403, "quicket:cross-site", "Request from another site"};
  static constexpr ProblemFacts kTokenMissing{401, "quicket:token-missing", "Authorization needed"};
  static constexpr ProblemFacts kTokenRefused{403, "quicket:token-refused", "Authorization refused"};
  static constexpr ProblemFacts kPeerTokenRefused{403, "quicket:peer-token-refused", "Peer token refused"};
  static constexpr ProblemFacts kProofRefused{403, "quicket:proof-refused", "Key not proven"};
  static constexpr ProblemFacts kBearerRefused{403, "quicket:bearer-refused", "Bearer keys refused"};
  static constexpr ProblemFacts kReleaseRefused{403, "quicket:release-refused", "Release refused"};
  static constexpr ProblemFacts kUnroutable{403, "quicket:unroutable", "Address not served"};
  static constexpr ProblemFacts kConflict{409, "quicket:conflict", "Connection ID in use"};
  static constexpr ProblemFacts kOtherSession{409, "quicket:other-session", "Key in another session"};
  static constexpr ProblemFacts kAnsweredElsewhere{409, "quicket:answered-elsewhere", "Answered elsewhere"};
  static constexpr ProblemFacts kBearerFromElsewhere{409, "quicket:bearer-from-elsewhere", "Bearer key in use"};
  static constexpr ProblemFacts kOverQuota{429, "quicket:over-quota", "Over quota"};
  static constexpr ProblemFacts kFull{503, "quicket:full", "Relay full"};
  static constexpr ProblemFacts kInternal{500, "quicket:internal", "Internal error"};
  switch (kind) {
    case ProblemKind::kNotFound:
      return kNotFound;
    case ProblemKind::kMethodNotAllowed:
      return kMethodNotAllowed;
    case ProblemKind::kTooLarge:
      return kTooLarge;
    case ProblemKind::kMediaType:
      return kMediaType;
    case ProblemKind::kMalformed:
      return kMalformed;
    case ProblemKind::kCrossSite:
      return kCrossSite;
    case ProblemKind::kTokenMissing:
      return kTokenMissing;
    case ProblemKind::kTokenRefused:
      return kTokenRefused;
    case ProblemKind::kPeerTokenRefused:
      return kPeerTokenRefused;
    case ProblemKind::kProofRefused:
      return kProofRefused;
    case ProblemKind::kBearerRefused:
      return kBearerRefused;
    case ProblemKind::kReleaseRefused:
      return kReleaseRefused;
    case ProblemKind::kUnroutable:
      return kUnroutable;
    case ProblemKind::kConflict:
      return kConflict;
    case ProblemKind::kOtherSession:
      return kOtherSession;
    case ProblemKind::kAnsweredElsewhere:
      return kAnsweredElsewhere;
    case ProblemKind::kBearerFromElsewhere:
      return kBearerFromElsewhere;
    case ProblemKind::kOverQuota:
      return kOverQuota;
    case ProblemKind::kFull:
      return kFull;
    case ProblemKind::kInternal:
      break;
  }
  return kInternal;
}

}  // namespace quicket::relay
