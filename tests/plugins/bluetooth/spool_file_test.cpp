#include "plugins/bluetooth/spool_file.hpp"

#include <gmock/gmock.h>

#include <quicket/offer.hpp>

#include "tests/plugins/bluetooth/spools.hpp"

namespace quicket::plugin {
namespace {

using testing::Optional;

class SpoolFile : public testing::Test {
 protected:
  std::optional<Octets> read(std::string_view content) { return offer_of_file(octets_of(content), host_); }

  const Bytes offer_ = sealed_offer(300);
  const Octets expected_ = octets_of(offer_);
  HostTable table_{"bluetooth", real_services()};
  Host host_{table_.table()};
};

TEST_F(SpoolFile, HoldsTheBytesOfAnOffer) {
  EXPECT_THAT(offer_of_file(expected_, host_), Optional(expected_));
  const Octets largest = octets_of(sealed_offer(kMaxOffer));
  EXPECT_THAT(offer_of_file(largest, host_), Optional(largest));
}

TEST_F(SpoolFile, OrAnyTextForm) {
  for (const std::string& text : {offer_to_uri(offer_), offer_to_json(offer_), offer_to_digits(offer_)}) {
    EXPECT_THAT(read(text), Optional(expected_)) << text;
    EXPECT_THAT(read("\xef\xbb\xbf  " + text + "\r\n"), Optional(expected_)) << text;
  }
}

TEST_F(SpoolFile, OrAUriAmongWords) {
  EXPECT_THAT(read("Call me:\r\n\t" + offer_to_uri(offer_) + " bye"), Optional(expected_));
  EXPECT_THAT(read("quicket:no quicket: " + offer_to_uri(offer_)), Optional(expected_));
}

TEST_F(SpoolFile, OrNothing) {
  for (const std::string& content :
       {std::string(), std::string("hello"), std::string("quicket:"), std::string("{}"),
        std::string("\xff\xfe\0q\0", 5), std::string(kMaxSpoolFile, ' '), std::string(kMaxOffer + 1, '\1'),
        std::string("\1"), std::string("\1\3abc"), std::string("\2\1abc")}) {
    EXPECT_EQ(read(content), std::nullopt) << content.substr(0, 20);
  }
}

TEST(SpoolFileName, EndsInQktOrTxt) {
  for (const char* name : {"a.qkt", "A.QKT", "offer from bob.txt", "x.y.Txt"}) EXPECT_TRUE(is_spool_file_name(name));
  for (const char* name : {"", "a", ".qkt", "qkt", ".a.qkt", "a.qkt.part", "a.jpg", "txt"}) {
    EXPECT_FALSE(is_spool_file_name(name)) << name;
  }
}

}  // namespace
}  // namespace quicket::plugin
