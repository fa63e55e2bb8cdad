#include "net/server_key.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string_view>

namespace signalbox::net {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const noexcept {
    Free(x);
  }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

/// The server's own certificate, as PEM; empty if there is none.
std::string_view certificate_of(CURL* easy) {
  constexpr std::string_view key = "Cert:";
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK
      || chain == nullptr || chain->num_of_certs < 1)
    return {};
  for (const auto* x = chain->certinfo[0]; x != nullptr; x = x->next)
    if (const std::string_view line{x->data}; line.starts_with(key))
      return line.substr(key.size());
  return {};
}

/// The hash of the public key of a certificate (SubjectPublicKeyInfo), which
/// RFC 7469, 2.4, and libcurl pin.
std::string pin_of(X509* certificate) {
  unsigned char* der = nullptr;
  const auto size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0)
    return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  const auto hashed = EVP_Digest(der, static_cast<std::size_t>(size),
                                 hash.data(), &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  if (hashed != 1)
    return {};
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> text{};
  EVP_EncodeBlock(text.data(), hash.data(), static_cast<int>(length));
  return std::string{"sha256//"}.append(
    reinterpret_cast<const char*>(text.data()));
}

} // namespace

std::string pin_of_server(CURL* easy) {
  const auto pem = certificate_of(easy);
  if (pem.empty())
    return {};
  const bio_ptr in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  const certificate_ptr certificate{
    PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
  return certificate ? pin_of(certificate.get()) : std::string{};
}

} // namespace signalbox::net
