#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <sys/types.h>

#include <filesystem>

namespace quicket {

// Files of keys and state: whole, small, and never seen half-written. All errors are the operating system's unless
// stated.

// read_file reads all of a file. Errors: kTooLarge when there are more than `max_bytes`.
Result<Bytes> read_file(const std::filesystem::path& file, std::size_t max_bytes);

// read_private_file also refuses, before reading, a file that gives its group or others any right. A folder or a device
// is refused for what it is or holds, not for that. Errors: kTooLarge, kKeyFileExposed.
Result<Bytes> read_private_file(const std::filesystem::path& file, std::size_t max_bytes);

// write_file_atomically replaces `file`, or makes it: whoever reads it sees the old content or the new one, after a
// crash too. On any failure (a full disk) the old file stays and nothing is left behind; only when the folder's sync
// fails, the new content is in place already. A symbolic link is replaced, not followed.
Result<void> write_file_atomically(const std::filesystem::path& file, ByteView content, mode_t mode);

// write_new_file is the same for a file that must not exist yet: of several writers at once, one succeeds.
// Errors: errc::file_exists.
Result<void> write_new_file(const std::filesystem::path& file, ByteView content, mode_t mode);

// make_private_folders makes `folder` and its missing parents with mode 0700; those that exist stay as they are.
// Errors: errc::not_a_directory where something else has such a name.
Result<void> make_private_folders(const std::filesystem::path& folder);

}  // namespace quicket
