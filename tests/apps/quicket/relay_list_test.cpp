#include "apps/quicket/relay_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::cli {
namespace {

using testing::HasSubstr;

const std::string kOne = "https://203.0.113.5:4433#pin=AAECAwQFBgcICQoLDA0ODw";
const std::string kOneMoved = "https://203.0.113.5:4433#pin=AQECAwQFBgcICQoLDA0ODw";
const std::string kTwo = "https://relay.example";

RelayUrl url(const std::string& text) { return RelayUrl::parse(text).value(); }

std::vector<std::string> texts(const RelayList& list) {
  std::vector<std::string> result;
  for (const RelayUrl& one : list.urls()) result.push_back(one.to_string());
  return result;
}

RelayList parse(const std::string& text) { return RelayList::parse(text, "relays").value(); }

TEST(RelayList, ReadsOneUrlALineInOrder) {
  EXPECT_EQ(texts(parse("# mine\n\n" + kTwo + "  # the old one\n\t" + kOne + "\r\n")),
            (std::vector{url(kTwo).to_string(), url(kOne).to_string()}));
}

TEST(RelayList, NamesTheLineThatIsNone) {
  const auto list = RelayList::parse(kOne + "\nhttp://x\n", "relays");
  EXPECT_EQ(list.error().exit, Exit::kConfig);
  EXPECT_THAT(list.error().message, HasSubstr("relays, line 2"));
}

TEST(RelayList, RefusesTwoOnALine) { EXPECT_TRUE(RelayList::parse(kOne + " " + kTwo, "relays").has_error()); }

TEST(RelayList, BoundsTheirNumber) {
  std::string text;
  for (std::size_t i = 0; i <= RelayList::kMaxRelays; ++i) text += "https://h" + std::to_string(i) + "\n";
  EXPECT_TRUE(RelayList::parse(text, "relays").has_error());
}

TEST(RelayList, LearnsANewPinInPlace) {
  RelayList list = parse(kOne + "\n" + kTwo + "\n");
  EXPECT_TRUE(*list.add(url(kOneMoved)));
  EXPECT_EQ(texts(list), (std::vector{url(kOneMoved).to_string(), url(kTwo).to_string()}));
}

TEST(RelayList, KeepsCommentsWhenItChanges) {
  RelayList list = parse("# mine\n" + kOne + " # here\n");
  EXPECT_FALSE(*list.add(url(kTwo)));
  EXPECT_EQ(list.to_text(), "# mine\n" + kOne + " # here\n" + url(kTwo).to_string() + "\n");
}

TEST(RelayList, LeavesALineAloneThatSaysTheSame) {
  RelayList list = parse(kOne + " # here\n");
  EXPECT_TRUE(*list.add(url(kOne)));
  EXPECT_EQ(list.to_text(), kOne + " # here\n");
}

TEST(RelayList, RemovesByUrlOrPlace) {
  for (const std::string& name :
       {kOne, std::string("https://203.0.113.5:4433"), std::string("203.0.113.5:4433"), std::string("203.0.113.5")}) {
    RelayList list = parse(kOne + "\n" + kTwo + "\n");
    EXPECT_TRUE(list.remove(name)) << name;
    EXPECT_EQ(texts(list), std::vector{url(kTwo).to_string()}) << name;
  }
}

TEST(RelayList, RemovesNothingElse) {
  RelayList list = parse(kOne + "\n");
  EXPECT_FALSE(list.remove("203.0.113.6"));
  EXPECT_FALSE(list.remove(kOneMoved));
  EXPECT_EQ(texts(list).size(), 1u);
}

TEST(RelayFile, IsEmptyWhenThereIsNone) {
  const TemporaryFolder folder;
  EXPECT_TRUE(load_relays(folder / "relays")->urls().empty());
}

TEST(RelayFile, IsMadeWithItsFolderForItsOwnerAlone) {
  const TemporaryFolder folder;
  const auto file = folder / "config" / "quicket" / "relays";
  ASSERT_TRUE(add_relay(file, url(kOne)).has_value());
  ASSERT_TRUE(add_relay(file, url(kTwo)).has_value());
  EXPECT_EQ(load_relays(file)->urls(), (std::vector{url(kOne), url(kTwo)}));
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST(RelayFile, StaysAsItIsWhenItIsDamaged) {
  const TemporaryFolder folder;
  const auto file = folder / "relays";
  std::ofstream(file) << "nonsense\n";
  EXPECT_EQ(add_relay(file, url(kOne)).error().exit, Exit::kConfig);
  std::string text;
  std::getline(std::ifstream(file), text);
  EXPECT_EQ(text, "nonsense");
}

}  // namespace
}  // namespace quicket::cli
