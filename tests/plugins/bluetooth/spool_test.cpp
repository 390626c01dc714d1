#include "plugins/bluetooth/spool.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/plugins/bluetooth/spools.hpp"

namespace quicket::plugin {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777;
}

using ASpool = InASpool;

TEST_F(ASpool, IsMadeForItsOwnerAlone) {
  for (const char* part : {".", "tmp", "new", "cur"}) EXPECT_EQ(mode_of(path_ / part), 0700u) << part;
}

TEST_F(ASpool, IsUsedAsItIs) {
  write(small_offer());
  const Spool again(path_.string());
  EXPECT_THAT(again.list(again.waiting()), SizeIs(1));
}

TEST_F(ASpool, IsRefusedWhereOthersMayEnter) {
  for (const char* part : {".", "new", "cur", "tmp"}) {
    ASSERT_EQ(::chmod((path_ / part).c_str(), 0750), 0);
    EXPECT_THAT([&] { Spool{path_.string()}; }, ThrowsMessage<Failed>(HasSubstr("chmod 700"))) << part;
    ASSERT_EQ(::chmod((path_ / part).c_str(), 0700), 0);
  }
}

TEST_F(ASpool, IsRefusedWhereAPartIsALinkElsewhere) {
  std::filesystem::create_directory(folder_ / "elsewhere");
  std::filesystem::remove(path_ / "new");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", path_ / "new");
  EXPECT_THAT([&] { Spool{path_.string()}; }, ThrowsMessage<Failed>(HasSubstr("/new")));
}

TEST_F(ASpool, NeedsAFolderToBeIn) {
  const std::string path = folder_ / "none" / "spool";
  EXPECT_THAT([&] { Spool{path}; }, ThrowsMessage<Failed>(AllOf(HasSubstr(path), HasSubstr("No such file"))));
}

TEST_F(ASpool, KeepsWaitingAndClaimedOffersForAsLongAsOneMayBeValid) {
  write(small_offer(1));
  take_all();
  write(small_offer(2));
  spool_.sweep(wall_time() + Spool::kKeep - seconds(60));
  EXPECT_EQ(count("new") + count("cur"), 2u);
  spool_.sweep(wall_time() + Spool::kKeep + seconds(60));
  EXPECT_EQ(count("new") + count("cur"), 0u);
}

TEST_F(ASpool, LosesWhatSomebodyLeftUnfinished) {
  put_file(path_ / "tmp" / "half.qkt", "half");
  spool_.sweep(wall_time() + Spool::kUnfinished - seconds(60));
  EXPECT_EQ(count("tmp"), 1u);
  spool_.sweep(wall_time() + Spool::kUnfinished + seconds(60));
  EXPECT_EQ(count("tmp"), 0u);
}

TEST_F(ASpool, IsNotSweptByAClockThatGoesWrong) {
  write(small_offer());
  spool_.sweep(wall_time() - hours(24 * 365));
  EXPECT_EQ(count("new"), 1u);
}

TEST_F(ASpool, RemembersABoundedNumberOfClaims) {
  for (std::size_t i = 0; i < Spool::kMaxFiles + 5; ++i) put_file(path_ / "cur" / (std::to_string(i) + ".qkt"), "");
  spool_.sweep(wall_time());
  EXPECT_EQ(count("cur"), Spool::kMaxFiles);
}

TEST_F(ASpool, TakesABoundedNumberOfOffers) {
  for (std::size_t i = 0; i < Spool::kMaxFiles; ++i) put_file(path_ / "new" / (std::to_string(i) + ".qkt"), "x");
  EXPECT_THAT([&] { write(small_offer()); }, ThrowsMessage<Failed>(HasSubstr("is full")));
  EXPECT_EQ(count("tmp"), 0u);
}

TEST_F(ASpool, NamesTheSameOfferAlways) {
  EXPECT_EQ(Spool::name_of(octets_of("abc")), "ba7816bf8f01cfea414140de5dae2223.qkt");  // FIPS 180-4's example
}

TEST_F(ASpool, TakesNothingOfACancelledDelivery) {
  waiter_.cancel();
  EXPECT_THROW(write(small_offer()), Cancelled);
  EXPECT_EQ(count("tmp") + count("new"), 0u);
}

TEST_F(ASpool, HoldsFilesForItsOwnerAlone) {
  write(small_offer());
  const auto files = spool_.list(spool_.waiting());
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].name, Spool::name_of(small_offer()));
  EXPECT_EQ(mode_of(path_ / "new" / files[0].name), 0600u);
}

}  // namespace
}  // namespace quicket::plugin
