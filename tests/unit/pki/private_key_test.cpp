#include "platform/pki/private_key.hpp"

#include "authority.hpp"

namespace pki {
namespace {

TEST(PrivateKey, IsReadAsItWasWritten) {
  const Folder folder;
  for (const KeyKind kind : {KeyKind::kEcdsaP256, KeyKind::kEd25519}) {
    const Holder ca = root(wanted("ca"), kind);
    const auto read = PrivateKey::load(folder.write("ca.key", ca.key.pem().view()));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->kind(), kind);
    EXPECT_TRUE(read->belongs_to(ca.certificate));
    EXPECT_FALSE(read->belongs_to(root(wanted("ca"), kind).certificate));
  }
}

TEST(PrivateKey, IsRefusedWhenOthersMayUseTheFile) {
  const Folder folder;
  const Secret pem = PrivateKey::generate(KeyKind::kEd25519)->pem();
  for (const unsigned mode : {0640U, 0604U, 0620U}) {
    const auto read = PrivateKey::load(folder.write("gw.key", pem.view(), mode));
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, ErrorCode::kOpenToOthers);
    EXPECT_NE(read.error().message.find("chmod 600"), std::string::npos);
  }
}

TEST(PrivateKey, IsRefusedWhenItDoesNotServe) {
  const Folder folder;
  EXPECT_EQ(PrivateKey::load(folder.write("gw.key", bytes_of("secret"))).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(PrivateKey::load("/nonexistent/gw.key").error().code, ErrorCode::kUnreadable);
  EXPECT_EQ(PrivateKey::generate(KeyKind::kRsa).error().code, ErrorCode::kUnsuitable);
  // openssl ecparam -name secp384r1 -genkey: made for this test alone
  const auto p384 = bytes_of(
      "-----BEGIN PRIVATE KEY-----\n"
      "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD2VChptc7EjJ/KaQil\n"
      "HVOgLOtIDDm5k6oEFt03EljnOqSmd4kAYZC5BDFVhpSvgN2hZANiAAQLf9L9leAw\n"
      "4zJLzNw95z0xQoWHKIE1b2akGNzoHADiy99337vjJxChKvDa/T9uru12+2L9QQ2h\n"
      "8pPh0SiDtKCI5/c6qBF15jmaWNRHnfThUu9Q+hzB/9dHdC05eMCIeuA=\n"
      "-----END PRIVATE KEY-----\n");
  EXPECT_EQ(PrivateKey::load(folder.write("gw.key", p384)).error().code, ErrorCode::kUnsuitable);
}

}  // namespace
}  // namespace pki
