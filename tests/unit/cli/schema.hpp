// The tables of docs/json.md as a schema: an answer is compared with them, key by key and type by type.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/json.hpp"

namespace cli_test {

class Schema {
 public:
  /// Reads the page. What cannot be read of it is in wrong().
  explicit Schema(const std::string& page);

  /// Compares one value that `command` answered; what does not fit is in wrong().
  void take(const std::string& command, const control::Json& answer);

  /// What did not fit, a sentence each.
  [[nodiscard]] const std::set<std::string>& wrong() const { return wrong_; }
  /// What the page tells of and no answer had so far: keys, nulls and absent keys.
  [[nodiscard]] std::set<std::string> unseen() const;
  [[nodiscard]] std::set<std::string> commands() const;

 private:
  struct Row {
    std::string key;
    std::string type;
    bool may_be_null = false;
    bool may_be_absent = false;
    // What answers had of it:
    bool seen = false;
    bool seen_null = false;
    bool seen_absent = false;
  };

  void read_row(const std::string& line, const std::string& heading);
  void compare(const control::Json& value, const std::string& type, const std::string& where);
  void compare_object(const control::Json::Object& object, const std::string& shape, const std::string& where);
  void compare_word(const control::Json& value, const std::string& type, const std::string& where);
  [[nodiscard]] std::string chosen(const control::Json& value, const std::vector<std::string>& shapes) const;

  std::map<std::string, std::vector<Row>> shapes_;
  std::map<std::string, std::string> answers_;  ///< by command, the type of its answer
  std::set<std::string> wrong_;
};

}  // namespace cli_test
