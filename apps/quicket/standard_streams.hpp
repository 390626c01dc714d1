#pragma once

#include <quicket/carrier_spec.hpp>

#include <span>
#include <string>

#include "apps/quicket/errors.hpp"

namespace quicket::cli {

// Offers and the peers' bytes never share a stream unnoticed. What follows decides who gets the standard streams.

// writes_standard_output and reads_standard_input tell whether a carrier of this kind uses them for offers.
bool writes_standard_output(const CarrierSpec& spec);
bool reads_standard_input(const CarrierSpec& spec);

// place_of says where a carrier brings offers: "offer.json", "standard output", or the carrier's name.
std::string place_of(const CarrierSpec& spec);

// write_as_uri lets stdio write offers as lines to paste, where nobody has said otherwise.
void write_as_uri(std::span<CarrierSpec> carriers);

// Wishes are what the person said.
struct Wishes {
  bool send_only = false, receive_only = false, keep_open = false;
};

// Directions say what goes over the connection: standard input to the peer, the peer's bytes to standard output.
struct Directions {
  bool send = true, receive = true;
  bool end_output = true;  // when the peer has ended; else others write there too
};

// directions_of_dial: kUsage when the offer and the peer's bytes would mix on a standard output that is no terminal,
// and when nothing would be left to do.
Checked<Directions> directions_of_dial(std::span<const CarrierSpec> carriers, Wishes wishes, bool output_is_terminal);
// directions_of_accept: nothing is sent where standard input brings offers, or where several peers would share it.
Checked<Directions> directions_of_accept(std::span<const CarrierSpec> carriers, Wishes wishes);

// check_input: kInputOutput when something is to be sent and standard input is a folder.
Checked<> check_input(Directions directions);

}  // namespace quicket::cli
