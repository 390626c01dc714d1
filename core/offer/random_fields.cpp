#include "core/offer/random_fields.hpp"

#include "core/quic/cursor.hpp"
#include "core/quic/initial.hpp"
#include "core/quic/initial_frames.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace quicket {

namespace {

using quic::Cursor;

// Field is one random field: a view into the body that is searched.
struct Field {
  enum class Kind { kBytes, kVarint, kDestinationId, kSourceId };
  ByteView bytes;
  Kind kind = Kind::kBytes;
};
using Fields = std::vector<Field>;  // bounded by the body's size: each field stands for bytes of it

// Protobuf's wire format.
struct Tag {
  std::uint64_t field = 0;
  enum class Wire : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 } wire{};
};

// Value is a field's content: the bytes of a length-delimited one, or those that encode a number.
struct Value {
  Tag tag;
  ByteView bytes;
};

std::uint64_t protobuf_varint(Cursor& cursor) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && cursor.ok(); shift += 7) {
    const std::uint8_t octet = cursor.octet();
    value |= std::uint64_t{octet & 0x7fu} << shift;
    if (octet < 0x80) return value;
  }
  return value;
}

// for_each_value calls `visit` for each field of a message, as far as it can be read.
template <class Visit>
void for_each_value(ByteView message, Visit visit) {
  Cursor cursor(message);
  while (cursor.ok() && !cursor.at_end()) {
    const std::uint64_t tag = protobuf_varint(cursor);
    Value value{.tag = {.field = tag >> 3, .wire = static_cast<Tag::Wire>(tag & 7)}};
    switch (value.tag.wire) {
      case Tag::Wire::kVarint: {
        const std::size_t start = cursor.offset();
        protobuf_varint(cursor);
        value.bytes = message.subspan(start, cursor.offset() - start);
        break;
      }
      case Tag::Wire::kFixed64:
        value.bytes = cursor.take(8);
        break;
      case Tag::Wire::kBytes:
        value.bytes = cursor.take(protobuf_varint(cursor));
        break;
      case Tag::Wire::kFixed32:
        value.bytes = cursor.take(4);
        break;
      default:
        return;
    }
    if (cursor.ok()) visit(value);
  }
}

bool is(const Value& value, std::uint64_t field, Tag::Wire wire = Tag::Wire::kBytes) {
  return value.tag.field == field && value.tag.wire == wire;
}

void find_in_address(ByteView message, Fields& found) {
  for_each_value(message, [&](const Value& value) {
    if (is(value, 1)) found.push_back({value.bytes});
    if (is(value, 2, Tag::Wire::kVarint)) found.push_back({value.bytes, Field::Kind::kVarint});
  });
}

void find_in_relay(ByteView message, Fields& found) {
  for_each_value(message, [&](const Value& value) {
    if (is(value, 1)) find_in_address(value.bytes, found);
    if (is(value, 2)) found.push_back({value.bytes});
  });
}

void find_in_candidate(ByteView message, Fields& found) {
  for_each_value(message, [&](const Value& value) {
    if (is(value, 1)) find_in_address(value.bytes, found);
  });
}

void find_in_key_share(ByteView extension, Fields& found) {
  Cursor cursor(extension);
  cursor.number(2);  // size of the list
  while (cursor.ok() && !cursor.at_end()) {
    cursor.number(2);  // group
    const ByteView key = cursor.take(cursor.number(2));
    if (cursor.ok()) found.push_back({key});
  }
}

void find_in_transport_parameters(ByteView extension, Fields& found) {
  constexpr std::uint64_t kInitialSourceConnectionId = 0x0f;  // RFC 9000 section 18.2
  Cursor cursor(extension);
  while (cursor.ok() && !cursor.at_end()) {
    const std::uint64_t id = cursor.varint();
    const ByteView parameter = cursor.take(cursor.varint());
    if (cursor.ok() && id == kInitialSourceConnectionId) found.push_back({parameter, Field::Kind::kSourceId});
  }
}

void find_in_client_hello(ByteView crypto, Fields& found) {
  constexpr std::uint8_t kClientHello = 1;
  constexpr std::uint64_t kKeyShare = 51, kTransportParameters = 0x39;  // RFC 8446 section 4.2, RFC 9001 section 8.2
  Cursor cursor(crypto);
  if (cursor.octet() != kClientHello) return;
  cursor.number(3);  // size: the message may go on in other frames
  cursor.number(2);  // legacy_version
  const ByteView random = cursor.take(32);
  if (!cursor.ok()) return;
  found.push_back({random});
  cursor.take(cursor.number(1));  // legacy_session_id
  cursor.take(cursor.number(2));  // cipher_suites
  cursor.take(cursor.number(1));  // legacy_compression_methods
  cursor.number(2);               // size of the extensions
  while (cursor.ok() && !cursor.at_end()) {
    const std::uint64_t type = cursor.number(2);
    const ByteView extension = cursor.take(cursor.number(2));
    if (cursor.ok() && type == kKeyShare) find_in_key_share(extension, found);
    if (cursor.ok() && type == kTransportParameters) find_in_transport_parameters(extension, found);
  }
}

void find_in_packet(ByteView packet, Fields& found) {
  constexpr std::size_t kDestinationOffset = 6;  // behind first byte, version and the ID's length
  const auto header = quic::parse_initial_header(packet);
  if (!header) return;
  const std::size_t destination = header->destination.length(), source = header->source.length();
  found.push_back({packet.subspan(kDestinationOffset, destination), Field::Kind::kDestinationId});
  found.push_back({packet.subspan(kDestinationOffset + destination + 1, source), Field::Kind::kSourceId});
  const std::size_t number_size = std::to_integer<std::size_t>(packet[0] & std::byte{3}) + 1;
  if (packet.size() < header->number_offset + number_size) return;
  const auto frames = quic::scan_initial_frames(packet.subspan(header->number_offset + number_size));
  if (!frames) return;
  for (const quic::CryptoData& crypto : frames->crypto) {
    if (crypto.offset == 0) return find_in_client_hello(crypto.data, found);
  }
}

Fields find_in_body(ByteView body) {
  Fields found;
  for_each_value(body, [&](const Value& value) {
    if (is(value, 1, Tag::Wire::kFixed32) || is(value, 6) || is(value, 7)) found.push_back({value.bytes});
    if (is(value, 2)) find_in_relay(value.bytes, found);
    if (is(value, 3)) {
      for_each_value(value.bytes, [&](const Value& part) {
        if (is(part, 1)) find_in_packet(part.bytes, found);
      });
    }
    if (is(value, 4)) find_in_candidate(value.bytes, found);
  });
  return found;
}

// Copies remembers the first ID of each kind.
class Copies {
 public:
  // original is the field that `field` is a copy of; nullptr when it stands for itself.
  const Field* original(const Field& field) {
    const Field** first = field.kind == Field::Kind::kDestinationId ? &destination_
                          : field.kind == Field::Kind::kSourceId    ? &source_
                                                                    : nullptr;
    if (!first) return nullptr;
    if (*first && (*first)->bytes.size() == field.bytes.size()) return *first;
    if (!*first) *first = &field;
    return nullptr;
  }

 private:
  const Field* destination_ = nullptr;
  const Field* source_ = nullptr;
};

MutableByteView writable(MutableByteView body, const Field& field) {
  return body.subspan(static_cast<std::size_t>(field.bytes.data() - body.data()), field.bytes.size());
}

}  // namespace

Bytes take_random_fields(MutableByteView body) {
  Bytes taken;
  Copies copies;
  const Fields fields = find_in_body(body);
  for (const Field& field : fields) {
    if (!copies.original(field)) taken.insert(taken.end(), field.bytes.begin(), field.bytes.end());
  }
  const auto kept = [](const Field& field) {
    return field.kind == Field::Kind::kVarint ? std::byte{0x80} : std::byte{0};
  };
  for (const Field& field : fields) {
    for (std::byte& octet : writable(body, field)) octet &= kept(field);
  }
  return taken;
}

bool fill_random_fields(MutableByteView body, ByteView fields) {
  Copies copies;
  const Fields blanks = find_in_body(body);
  for (const Field& blank : blanks) {
    ByteView content;
    if (const Field* original = copies.original(blank)) {
      content = original->bytes;
    } else {
      if (fields.size() < blank.bytes.size()) return false;
      content = fields.first(blank.bytes.size());
      fields = fields.subspan(content.size());
    }
    std::ranges::copy(content, writable(body, blank).begin());
  }
  return fields.empty();
}

}  // namespace quicket
