#include "core/quic/vector_aes.hpp"

namespace quicket::quic {

bool has_vector_aes() noexcept { return false; }
std::unique_ptr<VectorGcm> make_vector_gcm(ByteView) noexcept { return nullptr; }
std::unique_ptr<VectorBlock> make_vector_block(ByteView) noexcept { return nullptr; }

}  // namespace quicket::quic
