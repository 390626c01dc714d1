# Every package the project uses, found once. docs/adr says why each was chosen; scripts/setup installs them.
find_package(Threads REQUIRED)
find_package(Boost 1.83 REQUIRED CONFIG COMPONENTS program_options json url)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
foreach(package IN ITEMS
    gnutls libngtcp2 libngtcp2_crypto_gnutls libnghttp3 libsodium libb2 zlib prometheus-cpp-core
    libpng libturbojpeg qrcodegencpp zxing)
  pkg_check_modules(${package} REQUIRED IMPORTED_TARGET ${package})
endforeach()
# Of intel-ipsec-mb, for amd64 only, packets get on without it (core/quic/vector_aes.hpp).
find_library(IPSEC_MB_LIBRARY IPSec_MB)
find_path(IPSEC_MB_INCLUDE_DIR intel-ipsec-mb.h)
if(IPSEC_MB_LIBRARY AND IPSEC_MB_INCLUDE_DIR)
  add_library(ipsec_mb INTERFACE)
  target_link_libraries(ipsec_mb INTERFACE ${IPSEC_MB_LIBRARY})
  target_include_directories(ipsec_mb SYSTEM INTERFACE ${IPSEC_MB_INCLUDE_DIR})
endif()
if(QUICKET_TESTS)
  find_package(GTest REQUIRED)
endif()
