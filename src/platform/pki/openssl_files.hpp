// For a process that will not be able to open files.
#pragma once

namespace pki {

/// What OpenSSL reads from files, which is its configuration, is read now and not again.
void read_openssl_files();

}  // namespace pki
