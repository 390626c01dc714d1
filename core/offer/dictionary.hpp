#pragma once

#include <quicket/bytes.hpp>

namespace quicket {

// dictionary_1 is the preset dictionary of the compact form: part of the protocol, so these bytes never change. A
// better one gets another number. The program offer_dictionary (tests/core/offer) made it.
ByteView dictionary_1();

}  // namespace quicket
