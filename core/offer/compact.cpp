#include "core/offer/compact.hpp"

#include "core/offer/dictionary.hpp"
#include "core/offer/random_fields.hpp"

#include <quicket/offer.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <optional>

#include <zlib.h>

namespace quicket {

namespace {

constexpr int kRawDeflate = -15;  // windowBits: no zlib header, a window of 32 KiB
constexpr int kMemoryLevel = 9;

unsigned zlib_size(std::size_t size) { return static_cast<unsigned>(size); }

// deflate_whole gives nullopt only when memory runs out.
std::optional<Bytes> deflate_whole(ByteView plain) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kRawDeflate, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  const ByteView dictionary = dictionary_1();
  deflateSetDictionary(&stream, octets(dictionary), zlib_size(dictionary.size()));
  Bytes packed(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = const_cast<Bytef*>(octets(plain));  // zlib only reads it
  stream.avail_in = zlib_size(plain.size());
  stream.next_out = octets(MutableByteView(packed));
  stream.avail_out = zlib_size(packed.size());
  const int code = deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) return std::nullopt;
  return packed;
}

struct Inflated {
  Bytes plain;
  ByteView rest;  // behind the deflate stream
};

Result<Inflated> inflate_front(ByteView packed) {
  z_stream stream{};
  if (inflateInit2(&stream, kRawDeflate) != Z_OK) return Errc::kOutOfResources;
  const ByteView dictionary = dictionary_1();
  inflateSetDictionary(&stream, octets(dictionary), zlib_size(dictionary.size()));
  Inflated inflated{.plain = Bytes(kMaxOffer)};
  stream.next_in = const_cast<Bytef*>(octets(packed));
  stream.avail_in = zlib_size(packed.size());
  stream.next_out = octets(MutableByteView(inflated.plain));
  stream.avail_out = zlib_size(inflated.plain.size());
  const int code = inflate(&stream, Z_FINISH);
  inflated.plain.resize(inflated.plain.size() - stream.avail_out);
  inflated.rest = packed.last(stream.avail_in);
  const bool full = stream.avail_out == 0;
  inflateEnd(&stream);
  if (code == Z_STREAM_END) return inflated;
  return full ? Errc::kOfferTooLarge : Errc::kOfferMalformed;
}

Bytes with_form(CompactForm form, ByteView payload) {
  Bytes compact(1 + payload.size(), std::byte(static_cast<std::uint8_t>(form)));
  std::ranges::copy(payload, compact.begin() + 1);
  return compact;
}

std::optional<Bytes> split(ByteView body) {
  Bytes blank = to_bytes(body);
  const Bytes fields = take_random_fields(blank);
  auto packed = deflate_whole(blank);
  if (!packed) return std::nullopt;
  packed->insert(packed->end(), fields.begin(), fields.end());
  return with_form(CompactForm::kSplit, *packed);
}

std::optional<Bytes> deflated(ByteView body) {
  const auto packed = deflate_whole(body);
  if (!packed) return std::nullopt;
  return with_form(CompactForm::kDeflated, *packed);
}

}  // namespace

Bytes compact_body(ByteView body) {
  BOOST_ASSERT(body.size() <= 16 * kMaxOffer);  // zlib counts in 32 bits
  Bytes best = with_form(CompactForm::kStored, body);
  for (auto& candidate : {split(body), deflated(body)}) {
    if (!candidate || candidate->size() >= best.size()) continue;
    const auto again = expand_body(*candidate);
    if (again && std::ranges::equal(*again, body)) best = *candidate;
  }
  return best;
}

Result<Bytes> expand_body(ByteView compact) {
  if (compact.empty()) return Errc::kOfferMalformed;
  const ByteView payload = compact.subspan(1);
  switch (static_cast<CompactForm>(compact[0])) {
    case CompactForm::kStored:
      if (payload.size() > kMaxOffer) return Errc::kOfferTooLarge;
      return to_bytes(payload);
    case CompactForm::kSplit: {
      auto inflated = inflate_front(payload);
      if (!inflated) return inflated.error();
      if (!fill_random_fields(inflated->plain, inflated->rest)) return Errc::kOfferMalformed;
      return std::move(inflated->plain);
    }
    case CompactForm::kDeflated: {
      auto inflated = inflate_front(payload);
      if (!inflated) return inflated.error();
      if (!inflated->rest.empty()) return Errc::kOfferMalformed;
      return std::move(inflated->plain);
    }
  }
  return Errc::kOfferVersion;
}

}  // namespace quicket
