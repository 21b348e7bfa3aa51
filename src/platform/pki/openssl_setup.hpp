// What OpenSSL is told once, before it is used.
#pragma once

namespace pki {

/// What OpenSSL reads from files, which is its configuration, is read now and not again.
void read_openssl_files();

/// Private keys are kept in memory that stays out of the swap area and of core files, as far as the system allows.
/// Once, for a process with one thread.
void keep_keys_in_memory();

}  // namespace pki
