#include "apps/quicket/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <quicket/identity.hpp>

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

const std::string kRelay = "https://203.0.113.5:4433#pin=AAECAwQFBgcICQoLDA0ODw";

std::string id_of(int number) {
  Identity::Seed seed{};
  seed[0] = std::byte(number);
  return Identity::from_seed(seed).id().to_string();
}

// Program runs quicket in this process, with a home of its own.
class Program : public testing::Test {
 protected:
  Exit run(std::vector<std::string> arguments) {
    results_.str({});
    messages_.str({});
    return cli::run(arguments, environment_, Streams{results_, messages_, false});
  }
  std::string results() const { return results_.str(); }
  std::string messages() const { return messages_.str(); }

  TemporaryFolder home_;
  apps::Environment environment_{{"HOME", home_.path()}};
  std::ostringstream results_, messages_;
};

TEST_F(Program, PrintsTheIdAloneAndTellsOfTheNewKeyElsewhere) {
  EXPECT_EQ(run({"id"}), Exit::kOk);
  EXPECT_THAT(results(), MatchesRegex("qk1[0-9a-z]+\n"));
  EXPECT_THAT(messages(), HasSubstr(home_ / ".local/share/quicket/identity"));
}

TEST_F(Program, KeepsTheId) {
  run({"id"});
  const std::string first = results();
  EXPECT_EQ(run({"id"}), Exit::kOk);
  EXPECT_EQ(results(), first);
  EXPECT_EQ(messages(), "");
}

TEST_F(Program, KeepsTheKeyWhereItIsTold) {
  EXPECT_EQ(run({"id", "--identity", home_ / "key"}), Exit::kOk);
  EXPECT_TRUE(std::filesystem::exists(home_ / "key"));
  EXPECT_FALSE(std::filesystem::exists(home_ / ".local"));
}

TEST_F(Program, PrintsTheIdAsJson) {
  EXPECT_EQ(run({"id", "--json"}), Exit::kOk);
  EXPECT_THAT(boost::json::parse(results()).at("id").as_string().c_str(), StartsWith("qk1"));
  EXPECT_EQ(boost::json::parse(messages()).at("event"), "identity");
}

TEST_F(Program, RefusesAKeyThatOthersCanRead) {
  run({"id", "--identity", home_ / "key"});
  ::chmod((home_ / "key").c_str(), 0644);
  EXPECT_EQ(run({"id", "--identity", home_ / "key"}), Exit::kNoPermission);
  EXPECT_THAT(messages(), HasSubstr("chmod 600"));
}

TEST_F(Program, CannotMakeAKeyWhereNoFileMayBe) {
  EXPECT_EQ(run({"id", "--identity", "/proc/none/key"}), Exit::kCannotCreate);
}

TEST_F(Program, NeedsToKnowWhereThePersonsFilesAre) {
  environment_.clear();
  EXPECT_EQ(run({"id"}), Exit::kConfig);
  EXPECT_THAT(messages(), HasSubstr("HOME"));
}

TEST_F(Program, FollowsXdgVariablesButNotRelativeOnes) {
  environment_["XDG_DATA_HOME"] = home_ / "data";
  EXPECT_EQ(run({"id"}), Exit::kOk);
  EXPECT_TRUE(std::filesystem::exists(home_ / "data/quicket/identity"));
  environment_["XDG_DATA_HOME"] = "data";
  run({"id"});
  EXPECT_TRUE(std::filesystem::exists(home_ / ".local/share/quicket/identity"));
}

TEST_F(Program, TrustsAndForgetsPeers) {
  EXPECT_EQ(run({"trust", "add", "bob", id_of(1)}), Exit::kOk);
  EXPECT_EQ(run({"trust", "add", "carol", id_of(2)}), Exit::kOk);
  EXPECT_EQ(run({"trust", "list"}), Exit::kOk);
  EXPECT_EQ(results(), "bob    " + id_of(1) + "\ncarol  " + id_of(2) + "\n");
  EXPECT_EQ(run({"trust", "remove", "bob"}), Exit::kOk);
  run({"trust", "list", "--json"});
  EXPECT_EQ(results(), "{\"name\":\"carol\",\"id\":\"" + id_of(2) + "\"}\n");
}

TEST_F(Program, TrustsTheSameTwice) {
  run({"trust", "add", "bob", id_of(1)});
  EXPECT_EQ(run({"trust", "add", "bob", id_of(1)}), Exit::kOk);
  EXPECT_THAT(messages(), HasSubstr("as before"));
}

TEST_F(Program, GivesNoNameToASecondKey) {
  run({"trust", "add", "bob", id_of(1)});
  EXPECT_EQ(run({"trust", "add", "bob", id_of(2)}), Exit::kUsage);
  EXPECT_THAT(messages(), HasSubstr("quicket trust remove bob"));
  EXPECT_EQ(run({"trust", "add", "robert", id_of(1)}), Exit::kUsage);
  EXPECT_THAT(messages(), HasSubstr("as \"bob\""));
}

TEST_F(Program, NoticesAMistypedId) {
  std::string id = id_of(1);
  id.back() = id.back() == 'q' ? 'p' : 'q';
  EXPECT_EQ(run({"trust", "add", "bob", id}), Exit::kUsage);
  EXPECT_THAT(messages(), HasSubstr("mistyped"));
}

TEST_F(Program, NamesTheDamagedLineOfTheTrustStore) {
  std::filesystem::create_directories(home_ / ".config/quicket");
  std::ofstream(home_ / ".config/quicket/trusted_peers") << "# mine\nbob nonsense\n";
  EXPECT_EQ(run({"trust", "list"}), Exit::kConfig);
  EXPECT_THAT(messages(), HasSubstr("trusted_peers, line 2"));
}

TEST_F(Program, KeepsRelays) {
  EXPECT_EQ(run({"relay", "add", kRelay}), Exit::kOk);
  EXPECT_EQ(run({"relay", "list"}), Exit::kOk);
  EXPECT_EQ(results(), kRelay + "\n");
  EXPECT_EQ(run({"relay", "remove", "203.0.113.5"}), Exit::kOk);
  run({"relay", "list"});
  EXPECT_EQ(results(), "");
  EXPECT_EQ(run({"relay", "remove", "203.0.113.5"}), Exit::kUsage);
}

TEST_F(Program, RefusesWhatIsNoRelay) { EXPECT_EQ(run({"relay", "add", "http://203.0.113.5"}), Exit::kUsage); }

TEST_F(Program, ListsTheTrustedWhenADialedNameIsUnknown) {
  run({"trust", "add", "bob", id_of(1)});
  run({"trust", "add", "carol", id_of(2)});
  EXPECT_EQ(run({"dial", "bbo"}), Exit::kUsage);
  EXPECT_EQ(messages(),
            "error: no peer named \"bbo\" (trusted: bob, carol). Add one with: quicket trust add bbo PEER-ID\n");
}

TEST_F(Program, DialsNobodyWithoutARelay) {
  EXPECT_EQ(run({"dial", id_of(1), "--carrier", "stdio:out=/dev/null"}), Exit::kConfig);
  EXPECT_THAT(messages(), HasSubstr("quicket relay add"));
}

TEST_F(Program, WantsADurationForPatience) {
  EXPECT_EQ(run({"dial", id_of(1), "--patience", "long"}), Exit::kUsage);
  EXPECT_THAT(messages(), HasSubstr("\"long\" is not a duration"));
}

TEST_F(Program, WantsACarrierThatCanBeRead) {
  EXPECT_EQ(run({"dial", id_of(1), "--carrier", "stdio:out"}), Exit::kUsage);
}

TEST_F(Program, AcceptsNobodyWhereNobodyIsTrusted) {
  EXPECT_EQ(run({"accept"}), Exit::kConfig);
  EXPECT_THAT(messages(), HasSubstr("quicket trust add"));
}

TEST_F(Program, HelpsEverywhereAndDoesNothingElse) {
  EXPECT_EQ(run({"--help"}), Exit::kOk);
  EXPECT_THAT(results(), StartsWith("Usage: quicket "));
  EXPECT_EQ(run({"id", "--help"}), Exit::kOk);
  EXPECT_THAT(results(), StartsWith("Usage: quicket id"));
  EXPECT_EQ(run({"help", "trust", "add"}), Exit::kOk);
  EXPECT_THAT(results(), StartsWith("Usage: quicket trust add"));
  EXPECT_EQ(messages(), "");
  EXPECT_FALSE(std::filesystem::exists(home_ / ".local"));
}

TEST_F(Program, TellsItsVersion) {
  EXPECT_EQ(run({"version"}), Exit::kOk);
  EXPECT_THAT(results(), MatchesRegex("quicket [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(run({"--version"}), Exit::kOk);
}

TEST_F(Program, WantsACommand) {
  EXPECT_EQ(run({}), Exit::kUsage);
  EXPECT_THAT(messages(), EndsWith("quicket --help lists them\n"));
  EXPECT_THAT(results(), IsEmpty());
}

TEST_F(Program, RefusesOptionsThatACommandDoesNotTake) {
  EXPECT_EQ(run({"id", "--patience", "5s"}), Exit::kUsage);
  EXPECT_THAT(messages(), HasSubstr("quicket id takes no --patience"));
}

TEST_F(Program, RefusesMissingAndSpareArguments) {
  EXPECT_EQ(run({"trust", "add", "bob"}), Exit::kUsage);
  EXPECT_THAT(messages(), HasSubstr("needs NAME PEER-ID"));
  EXPECT_EQ(run({"id", "now"}), Exit::kUsage);
}

TEST_F(Program, TellsErrorsInJsonEvenBeforeItUnderstandsTheRest) {
  EXPECT_EQ(run({"--json", "--nonsense"}), Exit::kUsage);
  EXPECT_EQ(boost::json::parse(messages()).at("exit"), 64);
}

TEST_F(Program, NeedsResultsToBeWritten) {
  results_.setstate(std::ios::badbit);
  EXPECT_EQ(cli::run({"version"}, environment_, Streams{results_, messages_, false}), Exit::kInputOutput);
}

}  // namespace
}  // namespace quicket::cli
