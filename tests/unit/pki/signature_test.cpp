#include "platform/pki/signature.hpp"

#include "authority.hpp"

namespace pki {
namespace {

TEST(Signature, IsOfTheseBytesAndOfThisKey) {
  const Holder ca = root(wanted("ca"));
  for (const KeyKind kind : {KeyKind::kEcdsaP256, KeyKind::kEd25519}) {
    const Holder gateway = issued(wanted("gw-a"), ca, kind);
    const Holder other = issued(wanted("gw-b"), ca, kind);
    base::Bytes bytes = bytes_of("what is signed");
    auto signature = gateway.key.sign(bytes);
    ASSERT_TRUE(signature.has_value()) << signature.error().message;
    EXPECT_TRUE(verify_signature(gateway.certificate, bytes, *signature).has_value());
    EXPECT_EQ(verify_signature(other.certificate, bytes, *signature).error().code, ErrorCode::kWrongSignature);
    EXPECT_EQ(verify_signature(gateway.certificate, bytes, {}).error().code, ErrorCode::kWrongSignature);
    bytes.front() ^= 1U;
    EXPECT_EQ(verify_signature(gateway.certificate, bytes, *signature).error().code, ErrorCode::kWrongSignature);
    bytes.front() ^= 1U;
    signature->back() ^= 1U;
    EXPECT_EQ(verify_signature(gateway.certificate, bytes, *signature).error().code, ErrorCode::kWrongSignature);
  }
}

TEST(Signature, OfACertificateThatMayNotSignIsRefused) {
  const Holder ca = root(wanted("ca"));  // its keyUsage is of certificates and lists alone
  const base::Bytes bytes = bytes_of("what is signed");
  EXPECT_EQ(verify_signature(ca.certificate, bytes, *ca.key.sign(bytes)).error().code, ErrorCode::kUnsuitable);
}

}  // namespace
}  // namespace pki
