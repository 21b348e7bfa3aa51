// CHILD_SAs that stand and are read again before anybody is told, because charon may have printed them wrongly; see
// has_names().
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "platform/vici/message.hpp"
#include "platform/vici/tunnel.hpp"

namespace vici {

/// Does no input or output: Charon asks for what next_round() says. Rounds follow each other: however many CHILD_SAs
/// come at once, a handful of requests is under way, and what comes meanwhile is in the next round. None is lost: one
/// that cannot be read is confirmed as it was read last, and one that is not listed waits for the event that says why.
class Confirmations {
 public:
  /// Readings of a CHILD_SA, the first one among them, before the last is taken as it is.
  static constexpr int kReadings = 8;
  /// So many are asked for one by one; charon tells more of them cheaper in one listing of everything.
  static constexpr std::size_t kOneByOne = 16;
  /// More than charon has room for, and as many as the engine follows.
  static constexpr std::size_t kMax = 65'536;

  struct Entry {
    TunnelUp read;                        ///< as it was read last
    std::optional<std::uint32_t> before;  ///< it is known under this id: a rekeying
  };

  /// False when there is no room: the caller tells the entry as it is.
  [[nodiscard]] bool add(Entry entry);
  /// No longer of interest: it went, or was rekeyed.
  [[nodiscard]] std::optional<Entry> take(std::uint32_t child_id);
  /// The connection ended: nothing is under way any more.
  void clear();

  /// The filters to list with now; each is owed one on_listed(). None while a round is under way, or nothing is to be
  /// read.
  [[nodiscard]] std::vector<Message> next_round();
  /// What came of one filter. Gives what is confirmed by it: two readings in a row agreed, or enough were made.
  [[nodiscard]] std::vector<Entry> on_listed(const Result<std::vector<TunnelUp>>& listed);
  [[nodiscard]] bool is_under_way() const { return due_ > 0; }

 private:
  /// A filter for the IKE_SA spares charon to tell of all the others, but that one may be rekeyed to another id.
  enum class Search { kInIke, kAnywhere, kOver };
  struct Open {
    Entry entry;
    int left = kReadings - 1;
    Search search = Search::kInIke;
    bool asked = false;
    bool listed = false;
  };

  [[nodiscard]] static Message filter_for(const Open& open);
  void end_round(std::vector<Entry>& confirmed);

  std::map<std::uint32_t, Open> open_;
  std::size_t due_ = 0;  // answers of the round under way
  bool wide_ = false;    // it lists everything
  bool failed_ = false;  // an answer of it was an error
};

}  // namespace vici
