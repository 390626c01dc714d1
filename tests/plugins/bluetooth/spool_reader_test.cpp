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

TEST_F(AReader, TakesAnOfferAgainThatTheHostRefused) {
  write(small_offer());
  EXPECT_THAT(take_all(QUICKET_OFFER_REFUSED), ElementsAre(small_offer()));
  EXPECT_THAT(take_all(), IsEmpty());
  write(small_offer());
  EXPECT_THAT(take_all(), ElementsAre(small_offer()));
}

TEST_F(AReader, KeepsNoOfferThatItHasHandedOn) {
  write(small_offer());
  EXPECT_THAT(take_all(), SizeIs(1));
  EXPECT_EQ(std::filesystem::file_size(path_ / "cur" / Spool::name_of(small_offer())), 0u);
}

TEST_F(AReader, LeavesAFileThatGotTheNameMeanwhile) {
  put_file(path_ / "new" / "message.txt", offer_to_uri(sealed_offer(300, 1)));
  struct Host : OfferList {
    std::filesystem::path file;
  } host{{}, path_ / "new" / "message.txt"};
  const auto replace = [](void* self, const std::uint8_t*, std::size_t) {
    const auto& file = static_cast<Host*>(self)->file;
    put_file(file.parent_path() / ".next", offer_to_uri(sealed_offer(300, 2)));
    std::filesystem::rename(file.parent_path() / ".next", file);
    return int{QUICKET_OFFER_ACCEPTED};
  };
  SpoolReader reader(spool_, host_);
  EXPECT_EQ(reader.hand_on({replace, &host}), SpoolReader::Outcome::kHandedOn);
  EXPECT_THAT(take_all(), ElementsAre(small_offer(2)));
}

TEST_F(AReader, WaitsForAnothersTurn) {
  write(small_offer(1));
  write(small_offer(2));
  struct Host {
    const Spool& others_spool;
    const plugin::Host& host;
    SpoolReader::Outcome outcome{};
  };
  const Spool others_spool(path_.string());
  Host host{others_spool, host_};
  const auto look = [](void* self, const std::uint8_t*, std::size_t) {
    auto& it = *static_cast<Host*>(self);
    it.outcome = SpoolReader(it.others_spool, it.host).hand_on(OfferList().on_offer());
    return int{QUICKET_OFFER_ACCEPTED};
  };
  SpoolReader reader(spool_, host_);
  EXPECT_EQ(reader.hand_on({look, &host}), SpoolReader::Outcome::kHandedOn);
  EXPECT_EQ(host.outcome, SpoolReader::Outcome::kOthersTurn);
  EXPECT_THAT(take_all(), SizeIs(1));
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
    OfferList list;
    for (bool last = false;;) {
      const auto outcome = reader.hand_on(list.on_offer());
      if (outcome == SpoolReader::Outcome::kNothingWaits && last) return list.offers;
      last = written.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready;
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
