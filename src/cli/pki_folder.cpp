#include "cli/pki_folder.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/output.hpp"
#include "platform/pki/file.hpp"

namespace cli {

namespace {

constexpr unsigned kForAll = 0644;
constexpr unsigned kForOwner = 0600;

}  // namespace

base::TextError told(const pki::Error& error, std::string hint) {
  return {error.message, std::move(hint)};
}

base::Result<Authority, base::TextError> load_authority(const std::string& folder) {
  auto certificates = pki::Certificate::load(folder + "/ca.pem");
  if (!certificates) {
    return std::unexpected(
        base::TextError{certificates.error().message, "tedctl pki ca --out " + folder + " makes an authority"});
  }
  auto key = pki::PrivateKey::load(folder + "/ca.key");
  if (!key)
    return std::unexpected(
        told(key.error(), "--ca names the folder that 'tedctl pki ca' made; who may read its ca.key signs"));
  if (!key->belongs_to(certificates->front())) {
    return std::unexpected(
        base::TextError{folder + "/ca.key is not the key of " + folder + "/ca.pem",
                        "put back the one that was made with it, or make a new authority: tedctl pki ca"});
  }
  return Authority{certificates->front(), *std::move(key)};
}

PkiResult make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return std::unexpected(base::TextError{folder + " cannot be made: " + error.message(),
                                           "give --out a folder in a place where you may write"});
  return {};
}

PkiResult write_pair(const std::string& folder, const std::string& name, const pki::Certificate& certificate,
                     const pki::PrivateKey& key) {
  if (auto made = make_folder(folder); !made) return made;
  const std::string stem = folder + "/" + name;
  for (const char* suffix : {".pem", ".key"}) {
    std::error_code error;
    if (!std::filesystem::exists(stem + suffix, error)) continue;
    return std::unexpected(base::TextError{stem + suffix + " is there already",
                                           "choose another folder, or move it away when it is no longer used"});
  }
  auto written = pki::write_file(stem + ".key", key.pem().view(), kForOwner);
  if (written) written = pki::write_file(stem + ".pem", certificate.pem(), kForAll);
  if (!written) return std::unexpected(told(written.error(), kWritable));
  return {};
}

control::Json made_json(const std::string& stem, const pki::Certificate& certificate,
                        const std::optional<base::AddressSet>& blocks, const std::string& authority) {
  control::Json json = control::Json::object();
  json.add("certificate", stem + ".pem").add("key", stem + ".key").add("authority", authority);
  json.add("subject", certificate.subject()).add("serial", certificate.serial());
  json.add("not_after", pki::text(certificate.not_after()));
  json.add("blocks", blocks ? control::Json(blocks->text()) : control::Json());
  return json;
}

ExitStatus finish(const Context& context, const base::Result<Made, base::TextError>& done) {
  if (done) {
    if (context.json) {
      print_json(done->json);
    } else {
      print_folded(done->text);
    }
    return ExitStatus::kOk;
  }
  complain(done.error());
  return ExitStatus::kNo;
}

pki::Time wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace cli
