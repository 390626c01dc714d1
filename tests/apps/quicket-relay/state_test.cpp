#include "apps/quicket-relay/state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/core/base/temporary_folder.hpp"
#include "tests/core/quic/ed25519_pem.hpp"

namespace quicket::relayd {
namespace {

using apps::Exit;
using testing::ElementsAre;
using testing::HasSubstr;

class RelayState : public testing::Test {
 protected:
  RelayState() { config.state = folder / "a/relay"; }
  auto credentials() { return load_credentials(config, {"relay.example"}, {}); }
  auto secrets() { return load_secrets(config.state); }
  void write(const std::filesystem::path& file, const std::string& text, mode_t mode = 0600) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
  }
  static mode_t mode_of(const std::filesystem::path& file) {
    struct stat facts {};
    EXPECT_EQ(::stat(file.c_str(), &facts), 0);
    return facts.st_mode & 0777u;
  }

  TemporaryFolder folder;
  Config config;
};

TEST_F(RelayState, KeepsTheCertificateSoThatThePinStays) {
  const auto first = credentials(), second = credentials();
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second);
  EXPECT_EQ((*first)->spki_sha256(), (*second)->spki_sha256());
}

TEST_F(RelayState, KeepsTheSecrets) {
  const auto first = secrets(), second = secrets();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->reset, second->reset);
  EXPECT_EQ(first->peer_token, second->peer_token);
  EXPECT_EQ(first->reset.size(), 32u);
  EXPECT_NE(first->reset, first->peer_token);
}

TEST_F(RelayState, MakesEachRelayItsOwn) {
  Config other;
  other.state = folder / "b";
  EXPECT_NE((*credentials())->spki_sha256(), (*load_credentials(other, {"relay.example"}, {}))->spki_sha256());
  EXPECT_NE(secrets()->reset, load_secrets(other.state)->reset);
}

TEST_F(RelayState, IsForItsOwnerAlone) {
  ASSERT_TRUE(credentials());
  ASSERT_TRUE(secrets());
  EXPECT_EQ(mode_of(config.state), 0700u);
  EXPECT_EQ(mode_of(config.state / kCertificateFile), 0600u);
  EXPECT_EQ(mode_of(config.state / kSecretFile), 0600u);
}

TEST_F(RelayState, RefusesAnExposedKey) {
  ASSERT_TRUE(credentials());
  ASSERT_EQ(::chmod((config.state / kCertificateFile).c_str(), 0644), 0);
  const auto again = credentials();
  ASSERT_TRUE(again.has_error());
  EXPECT_EQ(again.error().exit, Exit::kNoPermission);
  EXPECT_THAT(again.error().message, HasSubstr("chmod 600"));
}

TEST_F(RelayState, SaysWhichFileIsDamaged) {
  for (const char* text : {"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    write(config.state / kCertificateFile, text);
    const auto damaged = credentials();
    ASSERT_TRUE(damaged.has_error()) << text;
    EXPECT_EQ(damaged.error().exit, Exit::kConfig);
    EXPECT_THAT(damaged.error().message, HasSubstr("relay.pem is damaged"));
  }
  const std::string zeros = "quicket-relay-secret-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  for (const std::string& text :
       {std::string(), std::string("x\n"), zeros, zeros + "x\n", std::string("quicket-relay-secret-1 AAAA\n")}) {
    write(config.state / kSecretFile, text);
    const auto damaged = secrets();
    ASSERT_TRUE(damaged.has_error()) << text;
    EXPECT_EQ(damaged.error().exit, Exit::kConfig);
    EXPECT_THAT(damaged.error().message, HasSubstr("secret is damaged"));
  }
}

TEST_F(RelayState, NeverReplacesADamagedFile) {
  write(config.state / kCertificateFile, "nonsense");
  ASSERT_TRUE(credentials().has_error());
  std::ifstream file(config.state / kCertificateFile);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "nonsense");
}

TEST_F(RelayState, SaysThatItCannotBeWritten) {
  write(folder / "file", "in the way");
  config.state = folder / "file/relay";
  const auto made = credentials();
  ASSERT_TRUE(made.has_error());
  EXPECT_EQ(made.error().exit, Exit::kCannotCreate) << made.error().message;
  EXPECT_THAT(made.error().message, HasSubstr("--state"));
}

TEST_F(RelayState, TakesACertificateOfTheOperators) {
  const auto pair = quic::make_self_signed({"relay.example"}).value();
  write(folder / "cert.pem", pair.certificate, 0644);
  write(folder / "key.pem", pair.key);
  config.certificate = Config::CertificateFiles{folder / "cert.pem", folder / "key.pem"};
  const auto loaded = credentials();
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto expected = quic::Credentials::from_pem(as_bytes(pair.certificate), as_bytes(pair.key)).value();
  EXPECT_EQ((*loaded)->spki_sha256(), expected->spki_sha256());
  EXPECT_FALSE(std::filesystem::exists(config.state));
}

TEST_F(RelayState, RefusesAnExposedKeyOfTheOperators) {
  const auto pair = quic::make_self_signed({"relay.example"}).value();
  write(folder / "cert.pem", pair.certificate, 0644);
  write(folder / "key.pem", pair.key, 0640);
  config.certificate = Config::CertificateFiles{folder / "cert.pem", folder / "key.pem"};
  EXPECT_EQ(credentials().error().exit, Exit::kNoPermission);
  EXPECT_TRUE(load_credentials(config, {}, folder.path())) << "the service manager guards that folder";
}

TEST_F(RelayState, RefusesAKeyOfAnotherCertificate) {
  write(folder / "cert.pem", quic::make_self_signed({"a"})->certificate, 0644);
  write(folder / "key.pem", quic::make_self_signed({"a"})->key);
  config.certificate = Config::CertificateFiles{folder / "cert.pem", folder / "key.pem"};
  EXPECT_EQ(credentials().error().exit, Exit::kConfig);
}

TEST_F(RelayState, NamesTheFilesOfAnEd25519CertificateAndAnothersKey) {
  write(folder / "cert.pem", quic::test::kEd25519Certificate, 0644);
  write(folder / "key.pem", quic::test::kOtherEd25519Key);
  config.certificate = Config::CertificateFiles{folder / "cert.pem", folder / "key.pem"};
  const auto loaded = credentials();
  ASSERT_TRUE(loaded.has_error());
  EXPECT_EQ(loaded.error().exit, Exit::kConfig);
  EXPECT_THAT(loaded.error().message, HasSubstr((folder / "cert.pem").string()));
  EXPECT_THAT(loaded.error().message, HasSubstr((folder / "key.pem").string()));
}

TEST_F(RelayState, MissesFilesOfTheOperators) {
  config.certificate = Config::CertificateFiles{folder / "cert.pem", folder / "key.pem"};
  const auto loaded = credentials();
  ASSERT_TRUE(loaded.has_error());
  EXPECT_EQ(loaded.error().exit, Exit::kConfig);
  EXPECT_THAT(loaded.error().message, HasSubstr("cert.pem"));
}

TEST_F(RelayState, ReadsTokensLineByLine) {
  write(folder / "tokens", "# friends\nalpha\r\n\nbeta");
  const auto tokens = load_tokens(folder / "tokens", {});
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_THAT(*tokens, ElementsAre("alpha", "beta"));
}

TEST_F(RelayState, RefusesTokensThatLetNobodyIn) {
  write(folder / "tokens", "# nobody yet\n");
  EXPECT_EQ(load_tokens(folder / "tokens", {}).error().exit, Exit::kConfig);
  write(folder / "tokens", "two words\n");
  EXPECT_THAT(load_tokens(folder / "tokens", {}).error().message, HasSubstr("line 1"));
}

TEST_F(RelayState, RefusesExposedTokens) {
  write(folder / "tokens", "alpha\n", 0644);
  EXPECT_EQ(load_tokens(folder / "tokens", {}).error().exit, Exit::kNoPermission);
}

}  // namespace
}  // namespace quicket::relayd
