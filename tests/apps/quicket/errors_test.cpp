#include "apps/quicket/errors.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>

#include <cerrno>

namespace quicket::cli {
namespace {

Exit exit_for_system(int value) { return exit_for(error_code(value, boost::system::system_category())); }

TEST(ExitFor, EndsWith65OnOffersThatAreNotGood) {
  for (const Errc code :
       {Errc::kOfferMalformed, Errc::kOfferTooLarge, Errc::kOfferVersion, Errc::kOfferExpired, Errc::kOfferReplayed,
        Errc::kOfferNotForUs, Errc::kOfferNotForPairing, Errc::kCarrierNothing}) {
    EXPECT_EQ(exit_for(code), Exit::kBadInput) << make_error_code(code).message();
  }
}

TEST(ExitFor, EndsWith77WhereSomebodyOrSomethingIsNotTrusted) {
  for (const Errc code : {Errc::kPeerKeyMismatch, Errc::kRelayPinMismatch, Errc::kRefusedByPeer, Errc::kOfferUnsealed,
                          Errc::kOfferRelayRefused, Errc::kPeerUnknown, Errc::kPairingFailed, Errc::kOfferForPairing}) {
    EXPECT_EQ(exit_for(code), Exit::kNoPermission) << make_error_code(code).message();
  }
}

TEST(ExitFor, EndsWith69WhereNobodyIsReached) {
  for (const Errc code : {Errc::kRelayUnreachable, Errc::kIdleTimeout, Errc::kClosedByPeer, Errc::kCarrierNotFound,
                          Errc::kCarrierBroken}) {
    EXPECT_EQ(exit_for(code), Exit::kUnavailable) << make_error_code(code).message();
  }
}

TEST(ExitFor, EndsWith74WhereACarrierCannotReadOrWrite) {
  EXPECT_EQ(exit_for(Errc::kCarrierFailed), Exit::kInputOutput);
}

TEST(ExitFor, EndsWith75WhereAnotherTryMayHelp) {
  for (const Errc code : {Errc::kDialDeadline, Errc::kRelayOverQuota, Errc::kOutOfResources, Errc::kReplayMemoryFull}) {
    EXPECT_EQ(exit_for(code), Exit::kTemporary) << make_error_code(code).message();
  }
}

TEST(ExitFor, EndsWith78OnOwnFilesThatAreDamaged) {
  for (const Errc code : {Errc::kKeyFileMalformed, Errc::kTrustMalformed, Errc::kReplayMemoryDamaged, Errc::kNoRelay}) {
    EXPECT_EQ(exit_for(code), Exit::kConfig) << make_error_code(code).message();
  }
}

TEST(ExitFor, EndsWith77OnAKeyThatOthersCanRead) { EXPECT_EQ(exit_for(Errc::kKeyFileExposed), Exit::kNoPermission); }

TEST(ExitFor, KnowsTheOperatingSystem) {
  EXPECT_EQ(exit_for_system(EACCES), Exit::kCannotCreate);
  EXPECT_EQ(exit_for_system(EROFS), Exit::kCannotCreate);
  EXPECT_EQ(exit_for_system(ENETUNREACH), Exit::kUnavailable);
  EXPECT_EQ(exit_for_system(EMFILE), Exit::kTemporary);
  EXPECT_EQ(exit_for_system(ENOSPC), Exit::kInputOutput);
  EXPECT_EQ(exit_for_system(EPIPE), Exit::kInputOutput);
}

TEST(ExitFor, TakesNamesThatDoNotResolveAsUnreachable) {
  EXPECT_EQ(exit_for(boost::asio::error::host_not_found), Exit::kUnavailable);
}

TEST(ExitFor, IsZeroWithoutAnError) { EXPECT_EQ(exit_for(error_code()), Exit::kOk); }

TEST(Exit, HasTheNumbersOfSysexits) {
  EXPECT_EQ(static_cast<int>(Exit::kUsage), 64);
  EXPECT_EQ(static_cast<int>(Exit::kBadInput), 65);
  EXPECT_EQ(static_cast<int>(Exit::kUnavailable), 69);
  EXPECT_EQ(static_cast<int>(Exit::kInternal), 70);
  EXPECT_EQ(static_cast<int>(Exit::kCannotCreate), 73);
  EXPECT_EQ(static_cast<int>(Exit::kInputOutput), 74);
  EXPECT_EQ(static_cast<int>(Exit::kTemporary), 75);
  EXPECT_EQ(static_cast<int>(Exit::kNoPermission), 77);
  EXPECT_EQ(static_cast<int>(Exit::kConfig), 78);
  EXPECT_EQ(static_cast<int>(Exit::kInterrupted), 130);
  EXPECT_EQ(static_cast<int>(Exit::kTerminated), 143);
  EXPECT_EQ(static_cast<int>(Exit::kHungUp), 129);
}

TEST(ProblemOf, ShowsTheDetailRatherThanTheCode) {
  const Problem problem = problem_of(Failure{Errc::kOfferExpired, "this offer from alice expired 12 min ago"});
  EXPECT_EQ(problem.message, "this offer from alice expired 12 min ago");
  EXPECT_EQ(problem.exit, Exit::kBadInput);
}

TEST(ProblemOf, PutsWhatItIsAboutInFront) {
  EXPECT_EQ(problem_of(make_error_code(Errc::kKeyFileMalformed), "key").message, "key: this is not a Quicket key file");
}

}  // namespace
}  // namespace quicket::cli
