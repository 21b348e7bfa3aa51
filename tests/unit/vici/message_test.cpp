#include "platform/vici/message.hpp"

#include <gtest/gtest.h>
#include <string>

#include "base/hex.hpp"
#include "platform/vici/packet.hpp"

namespace {

using vici::ErrorCode;
using vici::Message;

base::Bytes bytes(std::string_view hex) {
  return base::from_hex(hex).value();
}

/// The example of strongSwan's vici README, element by element.
const char* const kReadmeExample =
    "03 04 6b657931 0006 76616c756531"          // key1 = value1
    "01 08 73656374696f6e31"                    // section1 {
    "01 0b 7375622d73656374696f6e"              // sub-section {
    "03 04 6b657932 0006 76616c756532"          // key2 = value2
    "02"                                        // }
    "04 05 6c69737431"                          // list1 [
    "05 0005 6974656d31 05 0005 6974656d32 06"  // item1, item2 ]
    "02";                                       // }

Message readme_message() {
  return Message()
      .add("key1", "value1")
      .add_section(
          "section1",
          Message().add_section("sub-section", Message().add("key2", "value2")).add_list("list1", {"item1", "item2"}));
}

TEST(ViciMessage, ReadmeExampleBothWays) {
  EXPECT_EQ(vici::encode(readme_message()), bytes(kReadmeExample));
  EXPECT_EQ(vici::decode(bytes(kReadmeExample)), readme_message());
}

TEST(ViciMessage, ReadsByName) {
  const Message message = readme_message();
  EXPECT_EQ(message.text("key1"), "value1");
  EXPECT_EQ(message.text("section1"), "");
  ASSERT_NE(message.section("section1"), nullptr);
  EXPECT_EQ(*message.section("section1")->list("list1"), (vici::List{"item1", "item2"}));
  EXPECT_EQ(message.section("key1"), nullptr);
  EXPECT_EQ(message.list("nothing"), nullptr);
}

TEST(ViciMessage, EveryTruncationIsAnError) {
  const base::Bytes whole = bytes(kReadmeExample);
  const std::size_t first_element = 14;
  for (std::size_t length = 1; length < whole.size(); ++length) {
    if (length == first_element) continue;  // whole elements at the root are a message
    const auto result = vici::decode(base::ByteView(whole).first(length));
    ASSERT_FALSE(result) << length;
    EXPECT_EQ(result.error().code, ErrorCode::kTruncated) << length;
    EXPECT_LE(result.error().offset, length);
  }
}

TEST(ViciMessage, NamesWhatIsWrongAndWhere) {
  const auto code = [](std::string_view hex) {
    const auto result = vici::decode(bytes(hex));
    return result ? std::string("none") : result.error().text();
  };
  EXPECT_EQ(code("00"), "unknown_element");
  EXPECT_EQ(code("03 01 61 0000 07"), "unknown_element at byte 5");
  EXPECT_EQ(code("02"), "unbalanced at byte 1");
  EXPECT_EQ(code("05 0000"), "unbalanced at byte 1");
  EXPECT_EQ(code("06"), "unbalanced at byte 1");
  EXPECT_EQ(code("04 01 61 03"), "unbalanced at byte 4");
  EXPECT_EQ(code("04 01 61 02"), "unbalanced at byte 4");
}

TEST(ViciMessage, BoundsDepthAndElements) {
  std::string nested;
  for (std::size_t i = 0; i <= vici::kMaxDepth; ++i) nested += "010161";
  EXPECT_EQ(vici::decode(bytes(nested)).error().code, ErrorCode::kTooDeep);
  base::Bytes items = bytes("040161");
  for (std::size_t i = 0; i < vici::kMaxElements; ++i) items.insert(items.end(), {5, 0, 0});
  items.push_back(6);
  EXPECT_EQ(vici::decode(items).error().code, ErrorCode::kTooManyElements);
}

// A string of at most fifteen bytes has them within itself, and leaves them where it was moved from.
TEST(ViciMessage, ASecretStaysInOnePlaceHoweverTheMessageMoves) {
  for (const std::string_view secret : {"short", "fifteen bytes..", "longer than what fits within a string"}) {
    Message message;
    message.add_secret("data", secret);
    const char* const place = message.text("data").data();
    for (int i = 0; i < 20; ++i) message.add("more", "text");  // its elements move as they grow in number
    Message outer;
    outer.add_section("secret", std::move(message));
    const Message moved = std::move(outer);
    EXPECT_EQ(moved.section("secret")->text("data"), secret);
    EXPECT_EQ(moved.section("secret")->text("data").data(), place);
  }
}

TEST(ViciMessage, RefusesToEncodeWhatDoesNotFit) {
  const auto fits = [](const Message& message) { return vici::encode(message).has_value(); };
  EXPECT_TRUE(fits(Message().add(std::string(255, 'n'), std::string(65535, 'v'))));
  EXPECT_FALSE(fits(Message().add(std::string(256, 'n'), "v")));
  EXPECT_FALSE(fits(Message().add("n", std::string(65536, 'v'))));
  Message large;
  for (int i = 0; i < 9; ++i) large.add("n", std::string(65535, 'v'));
  EXPECT_FALSE(fits(large));
}

TEST(ViciPacket, RequestAndEventCarryNameAndMessage) {
  const vici::Packet request{vici::PacketType::kCommandRequest, "version", {}};
  EXPECT_EQ(vici::encode_packet(request), bytes("00000009 00 07 76657273696f6e"));
  const vici::Packet event{vici::PacketType::kEvent, "log", Message().add("a", "b")};
  const auto encoded = vici::encode_packet(event).value();
  EXPECT_EQ(vici::decode_packet(base::ByteView(encoded).subspan(4)), event);
}

TEST(ViciPacket, BadPackets) {
  const auto code = [](std::string_view hex) { return vici::decode_packet(bytes(hex)).error(); };
  EXPECT_EQ(code("").code, ErrorCode::kTruncated);
  EXPECT_EQ(code("08").code, ErrorCode::kUnknownPacket);
  EXPECT_EQ(code("07 05 61").code, ErrorCode::kTruncated);
  EXPECT_EQ(code("05 00").code, ErrorCode::kTooLong);
  EXPECT_EQ(code("01 03 01 61 0000 09"), (vici::Error{ErrorCode::kUnknownElement, {}, 6}));
}

TEST(ViciDeframer, AnySplitGivesTheSamePackets) {
  base::Bytes stream = vici::encode_packet({vici::PacketType::kEvent, "one", readme_message()}).value();
  const auto second = vici::encode_packet({vici::PacketType::kCommandResponse, {}, {}}).value();
  stream.insert(stream.end(), second.begin(), second.end());
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    vici::Deframer deframer;
    std::vector<vici::Packet> got;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      deframer.push(base::ByteView(stream).subspan(at, std::min(step, stream.size() - at)));
      while (const auto packet = deframer.next().value()) got.push_back(vici::decode_packet(*packet).value());
    }
    ASSERT_EQ(got.size(), 2U) << step;
    EXPECT_EQ(got[0].message, readme_message());
    EXPECT_EQ(got[1].type, vici::PacketType::kCommandResponse);
  }
}

TEST(ViciDeframer, RefusesALengthThatNoPacketHas) {
  vici::Deframer deframer;
  deframer.push(bytes("00080001"));
  EXPECT_EQ(deframer.next().error().code, ErrorCode::kTooLong);
}

}  // namespace
