#pragma once

#include <quicket/identity.hpp>

#include <string>
#include <string_view>

namespace quicket {

// A key file is one line, "quicket-key-1 BASE64(seed)", ended by a newline.

// key_file_text writes it. The caller wipes the text.
std::string key_file_text(const Identity::Seed& seed);

// parse_key_file reads it; the newline may be missing or a carriage return come before it. Errors: kKeyFileMalformed.
Result<Identity> parse_key_file(std::string_view text);

}  // namespace quicket
