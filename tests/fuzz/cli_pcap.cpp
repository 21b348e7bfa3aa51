// Any file as a capture: frames or an error, never more than was there.
#include <sstream>
#include <string>

#include "cli/link.hpp"
#include "cli/pcap.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream stream(std::string(data, data + size));
  auto capture = cli::PcapReader::open(stream);
  if (!capture) {
    require(!capture.error().message.empty());
    return 0;
  }
  std::size_t taken = 0;
  for (std::uint64_t number = 1;; ++number) {
    const auto frame = capture->next();
    if (!frame || !*frame) break;
    require((*frame)->number == number);
    taken += (*frame)->bytes.size();
    require(taken <= size);
    const base::ByteView packet = cli::ip_packet(capture->link_type(), (*frame)->bytes);
    require(packet.size() <= (*frame)->bytes.size());
  }
  return 0;
}
