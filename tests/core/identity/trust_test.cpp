#include <quicket/trust.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>
#include <thread>

#include "core/base/file.hpp"
#include "tests/core/base/temporary_folder.hpp"

namespace quicket {
namespace {

namespace errc = boost::system::errc;

PeerId peer(unsigned number) {
  PeerId::Key key{};
  key[0] = std::byte(number >> 8);
  key[1] = std::byte(number);
  return PeerId(key);
}

std::string line(std::string_view name, unsigned number) {
  return std::string(name) + " " + peer(number).to_string() + "\n";
}

TEST(TrustStore, FindsPeersByNameAndByKey) {
  const auto store = TrustStore::parse(line("bob", 2) + line("alice", 1)).value();
  EXPECT_EQ(store.find("alice"), peer(1));
  EXPECT_EQ(store.find("bob"), peer(2));
  EXPECT_EQ(store.find("carol"), std::nullopt);
  EXPECT_EQ(store.name_of(peer(2)), "bob");
  EXPECT_TRUE(store.trusts(peer(1)));
  EXPECT_FALSE(store.trusts(peer(3)));
}

TEST(TrustStore, KeepsItsPeersByName) {
  const auto store = TrustStore::parse(line("bob", 2) + line("alice", 1)).value();
  EXPECT_EQ(store.to_text(), line("alice", 1) + line("bob", 2));
}

TEST(TrustStore, SkipsCommentsAndBlankLines) {
  const std::string id = peer(1).to_string();
  const auto store = TrustStore::parse("# peers\n\n  \t\r\n \talice \t " + id + " # my laptop\r\n#" + line("bob", 2));
  ASSERT_TRUE(store.has_value());
  EXPECT_EQ(store->to_text(), line("alice", 1));
  EXPECT_TRUE(TrustStore::parse("").value().peers().empty());
  EXPECT_EQ(TrustStore::parse("alice " + id).value().to_text(), line("alice", 1)) << "no newline at the end";
}

TEST(TrustStore, NamesTheLineThatIsBad) {
  const std::string good = line("alice", 1) + "# comment\n";
  std::string mistyped = line("bob", 2);
  mistyped[20] = mistyped[20] == 'q' ? 'p' : 'q';
  for (const std::string& bad :
       {std::string("bob\n"), mistyped, line("bob", 2).substr(0, 30), peer(2).to_string() + " bob\n", line("bob x", 2),
        "bob " + line(peer(2).to_string(), 2), line("-bob", 2), line(".bob", 2), line("b\xc3\xb6", 2),
        line(std::string(65, 'b'), 2), line("alice", 2), line("bob", 1), std::string("\0\n", 2)}) {
    std::size_t bad_line = 0;
    const auto store = TrustStore::parse(good + bad + line("carol", 3), &bad_line);
    ASSERT_TRUE(store.has_error()) << bad;
    EXPECT_EQ(store.error(), Errc::kTrustMalformed);
    EXPECT_EQ(bad_line, 3u) << bad;
  }
  EXPECT_TRUE(TrustStore::parse("bad").has_error()) << "nobody asks for the line";
}

TEST(TrustStore, TakesTheSameLineTwice) {
  EXPECT_EQ(TrustStore::parse(line("alice", 1) + line("alice", 1)).value().peers().size(), 1u);
}

TEST(TrustStore, GivesANameOneKeyAndAKeyOneName) {
  TrustStore store;
  EXPECT_TRUE(store.add("alice", peer(1)).has_value());
  EXPECT_TRUE(store.add("alice", peer(1)).has_value());
  EXPECT_EQ(store.add("alice", peer(2)).error(), Errc::kNameTaken);
  EXPECT_EQ(store.add("bob", peer(1)).error(), Errc::kNameTaken);
  EXPECT_EQ(store.to_text(), line("alice", 1));
}

TEST(TrustStore, RefusesNamesThatCouldBeMisread) {
  TrustStore store;
  const std::string id = peer(1).to_string();
  for (const std::string& name :
       {std::string(), std::string("-x"), std::string(".x"), std::string("qk1x"), std::string("QK1x"), id,
        std::string("a b"), std::string("a/b"), std::string("a\n"), std::string("a#"), std::string("\xc3\xb6"),
        std::string("a\0b", 3), std::string(65, 'a')}) {
    EXPECT_EQ(store.add(name, peer(1)).error(), errc::invalid_argument) << name;
  }
  unsigned number = 0;
  for (const std::string& name : {std::string("a"), std::string(64, 'a'), std::string("A.b_c-9"), std::string("9"),
                                  std::string("_"), std::string("qk2")}) {
    EXPECT_TRUE(store.add(name, peer(++number)).has_value()) << name;
  }
}

TEST(TrustStore, ForgetsByNameOrById) {
  auto store = TrustStore::parse(line("alice", 1) + line("bob", 2) + line("carol", 3)).value();
  EXPECT_TRUE(store.remove("alice").has_value());
  EXPECT_TRUE(store.remove(peer(2).to_string()).has_value());
  EXPECT_EQ(store.to_text(), line("carol", 3));
  EXPECT_EQ(store.remove("alice").error(), Errc::kPeerUnknown);
  EXPECT_EQ(store.remove(peer(2).to_string()).error(), Errc::kPeerUnknown);
  EXPECT_EQ(store.remove("").error(), Errc::kPeerUnknown);
}

TEST(TrustStore, HoldsTenThousandPeersAndNoMore) {
  std::string text;
  for (unsigned i = 0; i < TrustStore::kMaxPeers; ++i) text += line("peer" + std::to_string(i), i);
  auto store = TrustStore::parse(text);
  ASSERT_TRUE(store.has_value());
  EXPECT_EQ(store->peers().size(), TrustStore::kMaxPeers);
  EXPECT_EQ(store->add("one-more", peer(20'000)).error(), Errc::kOutOfResources);
  std::size_t bad_line = 0;
  EXPECT_EQ(TrustStore::parse(text + line("one-more", 20'000), &bad_line).error(), Errc::kTrustMalformed);
  EXPECT_EQ(bad_line, TrustStore::kMaxPeers + 1);
}

TEST(TrustStore, IsEmptyWithoutAFile) {
  const TemporaryFolder folder;
  EXPECT_TRUE(TrustStore::load(folder / "none").value().peers().empty());
  EXPECT_EQ(TrustStore::load(folder.path()).error(), errc::is_a_directory);
}

TEST(TrustStore, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  const auto store = TrustStore::parse(line("alice", 1) + line("bob", 2)).value();
  ASSERT_TRUE(store.save(folder / "trust").has_value());
  EXPECT_EQ(TrustStore::load(folder / "trust").value().to_text(), store.to_text());
  struct stat facts {};
  ASSERT_EQ(::stat((folder / "trust").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777u, 0600u);
}

TEST(TrustedFile, IsMadeByTheFirstPeerAndKeepsTheOthers) {
  const TemporaryFolder folder;
  EXPECT_TRUE(add_trusted(folder / "new/trust", "alice", peer(1)).has_value());
  EXPECT_TRUE(add_trusted(folder / "new/trust", "bob", peer(2)).has_value());
  EXPECT_TRUE(remove_trusted(folder / "new/trust", "alice").has_value());
  EXPECT_EQ(TrustStore::load(folder / "new/trust").value().to_text(), line("bob", 2));
}

TEST(TrustedFile, StaysAsItIsWhenAChangeIsRefused) {
  const TemporaryFolder folder;
  EXPECT_EQ(remove_trusted(folder / "none/trust", "alice").error(), Errc::kPeerUnknown);
  EXPECT_EQ(remove_trusted(folder / "trust", "alice").error(), Errc::kPeerUnknown);
  ASSERT_TRUE(write_file_atomically(folder / "trust", as_bytes("# mine\nnot a peer\n"), 0600).has_value());
  EXPECT_EQ(add_trusted(folder / "trust", "alice", peer(1)).error(), Errc::kTrustMalformed);
  EXPECT_EQ(as_text(read_file(folder / "trust", 100).value()), "# mine\nnot a peer\n");
}

TEST(TrustedFile, LosesNothingWhenManyChangeItAtOnce) {
  const TemporaryFolder folder;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (unsigned round = 0; round < 5; ++round) {
        const unsigned number = i * 5 + round;
        EXPECT_TRUE(add_trusted(folder / "trust", "peer" + std::to_string(number), peer(number)).has_value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(TrustStore::load(folder / "trust").value().peers().size(), 40u);
}

TEST(TrustStore, BearsAnyBytesAndReadsBackWhatItWrites) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int accepted = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string text = "# c\n" + line("alice", 1) + line("bob", 2) + "\n";
    for (auto damage = random() % 3; damage > 0; --damage) {
      text[random() % text.size()] = random() % 2 == 0 ? "\n# \taZ1"[random() % 7] : static_cast<char>(random());
    }
    if (random() % 4 == 0) text.resize(random() % text.size());
    const auto store = TrustStore::parse(text);
    if (store.has_error()) continue;
    ++accepted;
    EXPECT_EQ(TrustStore::parse(store->to_text()).value().to_text(), store->to_text());
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace quicket
