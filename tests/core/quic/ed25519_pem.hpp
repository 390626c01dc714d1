#pragma once

namespace quicket::quic::test {

// An Ed25519 certificate (openssl req -x509 -newkey ed25519), its private key, and another one.
constexpr const char* kEd25519Certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBRjCB+aADAgECAhQYm8+tzPtWnoVDTqE9Vb+v8u81fDAFBgMrZXAwGDEWMBQG\n"
    "A1UEAwwNcmVsYXkuZXhhbXBsZTAgFw0yNjExMjMwMzE5MTZaGA8yMTI2MTAzMDAz\n"
    "MTkxNlowGDEWMBQGA1UEAwwNcmVsYXkuZXhhbXBsZTAqMAUGAytlcAMhAMhAf0ri\n"
    "X42y3PfHfzFF4Yf4K30UR5hvHeplt65KCBK+o1MwUTAdBgNVHQ4EFgQUeRqnLRsf\n"
    "MKhhxWqNvbWPNCVYceEwHwYDVR0jBBgwFoAUeRqnLRsfMKhhxWqNvbWPNCVYceEw\n"
    "DwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQCBLLUZoNGGFxapF1zQl08GpxRVjweY\n"
    "dh5ICBBtne/mUwAE+/jNPhS0ObaDWrEsk4g6EGHVSHlqDhaoUks7xzUJ\n"
    "-----END CERTIFICATE-----\n";
constexpr const char* kEd25519Key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIIpi5JsHUEjU71O2nSoyDSQSyIoZVQ5zJfmEZM2qdwrU\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kOtherEd25519Key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIGbWJA+hTEbp5pIP+nRgKa4N6/X1m6Me22Az9APpwLK2\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace quicket::quic::test
