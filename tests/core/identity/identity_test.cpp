#include <quicket/identity.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "tests/core/base/hex.hpp"
#include "tests/core/base/temporary_folder.hpp"

namespace quicket {
namespace {

namespace errc = boost::system::errc;

Identity from_hex_seed(std::string_view text) {
  Identity::Seed seed;
  std::ranges::copy(from_hex(text), seed.begin());
  return Identity::from_seed(seed);
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

// RFC 8032 section 7.1, tests 1 and 2.
TEST(Identity, SignsAsInRfc8032) {
  const Identity first = from_hex_seed("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  EXPECT_EQ(hex(first.id().key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(hex(first.sign({})),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f059"
            "5bbe2465514143"
            "8e7a100b");
  const Identity second = from_hex_seed("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  EXPECT_EQ(hex(second.sign(as_bytes("\x72"))),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4"
            "302aeeb00d2916"
            "12bb0c00");
}

TEST(Identity, VerifiesItsOwnSignaturesAndNoOthers) {
  const Identity identity = Identity::generate();
  const auto signature = identity.sign(as_bytes("message"));
  EXPECT_TRUE(verify(identity.id().key(), as_bytes("message"), signature));
  EXPECT_FALSE(verify(identity.id().key(), as_bytes("massage"), signature));
  EXPECT_FALSE(verify(Identity::generate().id().key(), as_bytes("message"), signature));
  EXPECT_FALSE(verify(PeerId().key(), as_bytes("message"), signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto damaged = signature;
    damaged[bit / 8] ^= std::byte(1u << bit % 8);
    EXPECT_FALSE(verify(identity.id().key(), as_bytes("message"), damaged)) << bit;
  }
}

TEST(Identity, RefusesSignaturesOfAnotherSize) {
  const Identity identity = Identity::generate();
  Bytes signature = to_bytes(identity.sign({}));
  signature.resize(100);
  for (std::size_t size = 0; size <= signature.size(); ++size) {
    EXPECT_EQ(verify(identity.id().key(), {}, ByteView(signature).first(size)), size == 64) << size;
  }
}

TEST(Identity, IsNewWhenGenerated) { EXPECT_NE(Identity::generate().id(), Identity::generate().id()); }

TEST(Identity, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  const Identity identity = Identity::generate();
  ASSERT_TRUE(identity.save(folder / "key").has_value());
  EXPECT_EQ(mode_of(folder / "key"), 0600u);
  EXPECT_EQ(Identity::load(folder / "key")->seed(), identity.seed());
}

TEST(Identity, NeverOverwritesAKey) {
  const TemporaryFolder folder;
  const Identity identity = Identity::generate();
  ASSERT_TRUE(identity.save(folder / "key").has_value());
  EXPECT_EQ(Identity::generate().save(folder / "key").error(), errc::file_exists);
  EXPECT_EQ(Identity::load(folder / "key")->id(), identity.id());
}

TEST(Identity, RefusesAKeyFileThatOthersMayTouch) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Identity::generate().save(folder / "key").has_value());
  for (const mode_t mode : {0644u, 0640u, 0620u, 0604u, 0601u}) {
    ASSERT_EQ(::chmod((folder / "key").c_str(), mode), 0);
    EXPECT_EQ(Identity::load(folder / "key").error(), Errc::kKeyFileExposed) << std::oct << mode;
    EXPECT_EQ(Identity::load_or_create(folder / "key").error(), Errc::kKeyFileExposed) << std::oct << mode;
  }
  ASSERT_EQ(::chmod((folder / "key").c_str(), 0400), 0);
  EXPECT_TRUE(Identity::load(folder / "key").has_value());
}

TEST(Identity, TellsAMissingKeyFileFromABadOne) {
  const TemporaryFolder folder;
  EXPECT_EQ(Identity::load(folder / "none").error(), errc::no_such_file_or_directory);
  for (const std::size_t size : {0u, 10u, 100'000u}) {
    ASSERT_TRUE(write_file_atomically(folder / "bad", Bytes(size), 0600).has_value());
    EXPECT_EQ(Identity::load(folder / "bad").error(), Errc::kKeyFileMalformed) << size;
    EXPECT_EQ(Identity::load_or_create(folder / "bad").error(), Errc::kKeyFileMalformed) << size;
  }
}

TEST(Identity, IsMadeWithItsFoldersWhenThereIsNone) {
  const TemporaryFolder folder;
  const auto created = Identity::load_or_create(folder / "a/b/key");
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(mode_of(folder / "a"), 0700u);
  EXPECT_EQ(mode_of(folder / "a/b"), 0700u);
  EXPECT_EQ(mode_of(folder / "a/b/key"), 0600u);
  EXPECT_EQ(Identity::load_or_create(folder / "a/b/key")->id(), created->id());
}

TEST(Identity, IsTheSameForAllWhoCreateItAtOnce) {
  const TemporaryFolder folder;
  std::array<std::optional<PeerId>, 8> ids;
  std::vector<std::thread> threads;
  for (auto& id : ids) {
    threads.emplace_back([&] {
      if (const auto identity = Identity::load_or_create(folder / "x/key")) id = identity->id();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const PeerId stored = Identity::load(folder / "x/key")->id();
  for (const auto& id : ids) EXPECT_EQ(id, stored);
}

}  // namespace
}  // namespace quicket
