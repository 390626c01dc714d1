#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transports/http3/message.hpp"

namespace quicket::relay {

// ProblemKind is a reason for which a request fails; each has its own type in RFC 9457's sense.
enum class ProblemKind {
  kNotFound,
  kMethodNotAllowed,
  kTooLarge,
  kMediaType,
  kMalformed,
  kCrossSite,
  kTokenMissing,
  kTokenRefused,
  kPeerTokenRefused,
  kProofRefused,
  kBearerRefused,
  kReleaseRefused,
  kUnroutable,
  kConflict,
  kOtherSession,
  kAnsweredElsewhere,
  kBearerFromElsewhere,
  kOverQuota,
  kFull,
  kInternal,
};

// ProblemFacts are the fields that are the same for all problems of a kind.
struct ProblemFacts {
  int status;             // HTTP
  std::string_view type;  // URI: "quicket:" and a word
  std::string_view title;
};
const ProblemFacts& facts(ProblemKind kind) noexcept;

// Problem is one failed request.
struct Problem {
  ProblemKind kind;
  std::string detail;                             // what happened and what to do, for a person
  std::vector<transports::HttpHeader> headers{};  // that the status asks for, e.g. allow
};

}  // namespace quicket::relay
