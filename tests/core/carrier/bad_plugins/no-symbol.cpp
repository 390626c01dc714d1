// A library that is no carrier.
extern "C" int quicket_carrier_v0() { return 0; }
