#include "config/discovery_reader.hpp"

#include "config/beside.hpp"
#include "config/paths.hpp"

namespace config {

namespace {

constexpr std::size_t kMaxKeys = 8;  // of a change of keys two are in use at once

std::vector<std::string> read_key_files(Section& section, const std::string& file) {
  std::vector<std::string> files;
  const Value* value = section.find("key_file");
  if (value == nullptr) return files;
  std::vector<Text> given;
  if (value->as<std::string>() != nullptr) {
    given.push_back(*section.text_of("key_file", value));
  } else {
    given = section.texts_of("key_file", value).value_or(std::vector<Text>{});
  }
  for (const Text& text : given) {
    check_file_path(section.mistakes(), "key_file", text, "\"/etc/opented/discovery.key\"");
    files.push_back(beside(file, text.value));
  }
  if (files.size() > kMaxKeys) {
    section.mistakes().add(value->at, "'key_file' names " + std::to_string(files.size()) + " files",
                           "two are enough to change keys: the new one, then the one that others may still have");
  }
  return files;
}

}  // namespace

Discovery read_discovery(Section& section, const std::string& file, Auth auth) {
  Discovery discovery;
  discovery.key_files = read_key_files(section, file);
  const auto sign = section.flag("sign");
  discovery.sign = sign.value_or(false);
  if (discovery.sign && auth != Auth::kCert) {
    section.mistakes().add(section.at(), "[discovery] has sign = true, and [ike] has no certificate",
                           "write auth = \"cert\" with cert, key and ca in [ike]");
  }
  const auto require = section.flag("require");
  discovery.require = require.value_or(discovery.proves());
  if (discovery.require && !discovery.proves()) {
    section.mistakes().add(section.at(), "[discovery] has require = true, and nothing to prove itself or others with",
                           "give it a key_file, or certificates in [ike] and sign = true");
  }
  section.refuse_unknown_keys();
  return discovery;
}

}  // namespace config
