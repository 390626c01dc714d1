#pragma once

#include <quicket/bytes.hpp>

namespace quicket {

// The random fields of a serialized OfferBody are those that no dictionary can foretell. Their places follow from the
// structure around them alone, so they are found in a blank body as well as in the full one. In the order of the body's
// bytes:
//   expires; ip and port of each address; pins; peer; secret;
//   in each flight datagram's packet (an Initial): destination ID, source ID, and in the CRYPTO frame at offset 0, when
//   it holds a ClientHello: its random, each key of the key_share extension, and initial_source_connection_id of the
//   QUIC transport parameters.
// Blank means zeros; in a port, which is a protobuf varint, the continuation bits stay. A destination ID after the
// first one, and a source ID (also that of the transport parameters) after the first one, is a copy of the first: it is
// not written again.

// take_random_fields blanks them in `body` and gives them back, one after the other. Total; without effect on what is
// no OfferBody.
Bytes take_random_fields(MutableByteView body);

// fill_random_fields puts them back; false when `fields` has not exactly as many bytes as there are blanks.
// A body whose copies differ does not come back as it was: the caller compares.
bool fill_random_fields(MutableByteView body, ByteView fields);

}  // namespace quicket
