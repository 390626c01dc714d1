#include "transports/http3/codec.hpp"

#include <gtest/gtest.h>

#include "transports/http3/error_code.hpp"

#include <map>

namespace quicket::transports {
namespace {

using Streams = std::map<quic::StreamId, Bytes>;

Streams written(Http3Codec& codec) {
  Streams streams;
  const auto trouble = codec.write([&](quic::StreamId id, ByteView bytes, bool) -> std::optional<std::size_t> {
    streams[id].insert(streams[id].end(), bytes.begin(), bytes.end());
    return bytes.size();
  });
  EXPECT_FALSE(trouble);
  return streams;
}

// Codecs are a client's and a server's, which have told each other their settings.
struct Codecs {
  Codecs() {
    server->allow_requests(1);
    EXPECT_FALSE(client->bind(2, 6, 10));
    EXPECT_FALSE(server->bind(3, 7, 11));
    for (const auto& [id, bytes] : written(*client)) EXPECT_FALSE(server->read(id, bytes, false));
    for (const auto& [id, bytes] : written(*server)) EXPECT_FALSE(client->read(id, bytes, false));
  }
  void rest() const {
    for (const auto& codec : {client.get(), server.get()}) {
      codec->rest();
      EXPECT_TRUE(codec->is_resting());
    }
  }
  // exchange has the server answer one request; it gives the status that the client saw.
  int exchange(quic::StreamId id) const {
    EXPECT_TRUE(client->submit_request(id, {.authority = "a"}));
    const Streams asked = written(*client);
    EXPECT_EQ(asked.size(), 1u);  // nothing is said twice on the control streams
    EXPECT_FALSE(server->read(id, asked.at(id), true));
    EXPECT_TRUE(std::holds_alternative<RequestDecoded>(server->poll().value()));
    EXPECT_TRUE(server->submit_response(id, {.status = 204}));
    const Streams answered = written(*server);
    EXPECT_EQ(answered.size(), 1u);
    EXPECT_FALSE(client->read(id, answered.at(id), true));
    const auto response = client->poll();
    for (const auto& codec : {client.get(), server.get()}) EXPECT_FALSE(codec->close(id, wire(Http3Code::kNoError)));
    return std::get<ResponseDecoded>(response.value()).response.status;
  }

  std::unique_ptr<Http3Codec> client = Http3Codec::create(quic::Role::kClient, {}).value();
  std::unique_ptr<Http3Codec> server = Http3Codec::create(quic::Role::kServer, {}).value();
};

TEST(Http3Codec, GoesOnAfterARestWhereItWas) {
  Codecs codecs;
  for (quic::StreamId id = 0; id < 40; id += 4) {
    codecs.rest();
    codecs.server->allow_requests(static_cast<std::uint64_t>(id) / 4 + 1);
    EXPECT_EQ(codecs.exchange(id), 204);
  }
}

TEST(Http3Codec, KnowsAfterARestWhatTheOtherSideHasSaid) {
  constexpr std::array kControl{std::byte{0}, std::byte{4}, std::byte{0}};  // stream type; SETTINGS, empty
  Codecs codecs;
  codecs.rest();
  const auto trouble = codecs.server->read(14, kControl, false);
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->code, wire(Http3Code::kStreamCreationError));
}

TEST(Http3Codec, NoticesInItsRestThatACriticalStreamIsGone) {
  Codecs codecs;
  codecs.rest();
  EXPECT_TRUE(codecs.client->close(3, wire(Http3Code::kNoError)));
}

TEST(Http3Codec, SaysGoAwayAfterARest) {
  Codecs codecs;
  codecs.rest();
  ASSERT_FALSE(codecs.server->announce_shutdown());
  const Streams streams = written(*codecs.server);
  ASSERT_FALSE(codecs.client->read(3, streams.at(3), false));
  EXPECT_TRUE(std::holds_alternative<GoAwayDecoded>(codecs.client->poll().value()));
}

TEST(Http3Codec, RestsNotWhileMessagesAreOnTheirWay) {
  const Codecs codecs;
  ASSERT_TRUE(codecs.client->submit_request(0, {.authority = "a"}));
  codecs.client->rest();
  EXPECT_FALSE(codecs.client->is_resting());
}

TEST(Http3Codec, RestsNotWhenItWouldHaveToRememberMuch) {
  Codecs codecs;
  // A stream of a reserved type (RFC 9114 section 6.2.3), which nobody reads.
  Bytes reserved(1000, std::byte{0x21});
  ASSERT_FALSE(codecs.server->read(14, reserved, false));
  while (codecs.server->poll()) {
  }
  codecs.server->rest();
  EXPECT_FALSE(codecs.server->is_resting());
}

}  // namespace
}  // namespace quicket::transports
