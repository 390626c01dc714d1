#include <gmock/gmock.h>

#include "tests/plugins/stdio/stdio.hpp"

namespace quicket {
namespace {

using testing::HasSubstr;

Failure refused(const CarrierOptions& options) {
  const auto carrier = try_stdio(options);
  if (carrier) return {{}, "it was opened"};
  return carrier.error();
}

TEST(StdioOptions, TakeStandardStreamsByDefaultAndByName) {
  EXPECT_TRUE(try_stdio({}));
  EXPECT_TRUE(try_stdio({{"in", "-"}, {"out", "-"}}));
  EXPECT_TRUE(try_stdio({{"in", "fd:0"}, {"out", "fd:1"}}));
}

TEST(StdioOptions, NameWhatIsUnknown) {
  const Failure failure = refused({{"inn", "x"}});
  EXPECT_EQ(failure.code, Errc::kCarrierOption);
  EXPECT_THAT(failure.detail, HasSubstr("\"inn\""));
}

TEST(StdioOptions, RefuseWrongValues) {
  for (const CarrierOptions& options : {CarrierOptions{{"in", ""}},
                                        {{"out", ""}},
                                        {{"in", "fd:"}},
                                        {{"in", "fd:x"}},
                                        {{"in", "fd:1x"}},
                                        {{"out", "fd:-1"}},
                                        {{"in", "fd:99999999999999"}},
                                        {{"form", "xml"}},
                                        {{"form", ""}}}) {
    EXPECT_EQ(refused(options).code, Errc::kCarrierOption) << options.begin()->first << "=" << options.begin()->second;
  }
}

TEST(StdioOptions, RefuseADescriptorThatIsNotOpen) {
  const Failure failure = refused({{"in", "fd:987"}});
  EXPECT_EQ(failure.code, Errc::kCarrierOption);
  EXPECT_THAT(failure.detail, HasSubstr("fd:987 is not open"));
}

}  // namespace
}  // namespace quicket
