#include "plugins/bluetooth/spool_reader.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <future>

#include <quicket/offer.hpp>

#include "plugins/bluetooth/spool_file.hpp"
#include "tests/plugins/bluetooth/spools.hpp"

namespace quicket::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

using AReader = InASpool;

TEST_F(AReader, TakesEachOfferOnce) {
  write(small_offer(1));
  write(small_offer(2));
  EXPECT_THAT(take_all(), SizeIs(2));
  EXPECT_THAT(take_all(), IsEmpty());
  EXPECT_EQ(count("new"), 0u);
}

TEST_F(AReader, DropsAnOfferThatWasTakenBefore) {
  write(small_offer());
  EXPECT_THAT(take_all(), ElementsAre(small_offer()));
  write(small_offer());
  put_file(path_ / "new" / "again.txt", offer_to_uri(sealed_offer(300, 1)));
  EXPECT_THAT(take_all(), IsEmpty());
  EXPECT_EQ(count("new"), 0u);
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(AReader, TakesAForgottenOfferAgain) {
  write(small_offer());
  EXPECT_THAT(take_all(), ElementsAre(small_offer()));
  SpoolReader(spool_, host_).forget(small_offer());
  write(small_offer());
  EXPECT_THAT(take_all(), ElementsAre(small_offer()));
}

TEST_F(AReader, TakesTextOfOthers) {
  put_file(path_ / "new" / "from bob.TXT", "here it is: " + offer_to_uri(sealed_offer(300, 1)) + "\n");
  EXPECT_THAT(take_all(), ElementsAre(small_offer(1)));
}

TEST_F(AReader, PutsAsideWhatHoldsNoOffer) {
  put_file(path_ / "new" / "shopping.txt", "milk");
  put_file(path_ / "new" / "large.qkt", std::string(kMaxSpoolFile + 1, '\1'));
  put_file(path_ / "new" / "nothing.qkt", "");
  write(small_offer());
  EXPECT_THAT(take_all(), ElementsAre(small_offer()));
  EXPECT_EQ(count("new"), 0u);
  EXPECT_TRUE(exists(path_ / "cur" / "shopping.txt"));
  EXPECT_THAT(log_.lines(), testing::UnorderedElementsAre(HasSubstr("shopping.txt holds no offer"),
                                                          HasSubstr("large.qkt is too large"),
                                                          HasSubstr("nothing.qkt holds no offer")));
}

TEST_F(AReader, LeavesOtherFilesAlone) {
  for (const char* name : {"photo.jpg", ".hidden.qkt", "offer.qkt.part"}) put_file(path_ / "new" / name, "x");
  EXPECT_THAT(take_all(), IsEmpty());
  EXPECT_EQ(count("new"), 3u);
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(AReader, FollowsNoLinkAndOpensNoPipe) {
  put_file(folder_ / "secret", offer_to_uri(sealed_offer(300)));
  std::filesystem::create_symlink(folder_ / "secret", path_ / "new" / "link.txt");
  std::filesystem::create_directory(path_ / "new" / "folder.qkt");
  ASSERT_EQ(::mkfifo((path_ / "new" / "pipe.qkt").c_str(), 0600), 0);
  EXPECT_THAT(take_all(), IsEmpty());
  EXPECT_EQ(count("new"), 3u);
  EXPECT_THAT(log_.lines(), SizeIs(3));
}

TEST_F(AReader, StopsComplainingInTime) {
  for (int i = 0; i < 50; ++i) put_file(path_ / "new" / (std::to_string(i) + ".txt"), "junk");
  EXPECT_THAT(take_all(), IsEmpty());
  EXPECT_THAT(log_.lines(), SizeIs(5));
}

TEST_F(AReader, SharesWithAnotherSoThatEachOfferComesOnce) {
  constexpr unsigned kOffers = 300;
  std::promise<void> all_written;
  const std::shared_future<void> written = all_written.get_future().share();
  const auto read = [&] {
    const Spool spool(path_.string());
    SpoolReader reader(spool, host_);
    std::vector<Octets> offers;
    for (bool last = false;;) {
      if (auto offer = reader.take()) {
        offers.push_back(*std::move(offer));
      } else if (last) {
        return offers;
      } else {
        last = written.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready;
      }
    }
  };
  auto one = std::async(std::launch::async, read), other = std::async(std::launch::async, read);
  std::vector<Octets> expected;
  for (unsigned seed = 1; seed <= kOffers; ++seed) {
    expected.push_back(small_offer(seed));
    write(expected.back());
  }
  all_written.set_value();
  std::vector<Octets> taken = one.get();
  for (Octets& offer : other.get()) taken.push_back(std::move(offer));
  EXPECT_THAT(taken, UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace quicket::plugin
