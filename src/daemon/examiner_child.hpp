// The process that reads the certificates and signatures of strangers (docs/threats.md): it has no capability, no file,
// no secret, and none of the system calls that could get it one. What breaks in there breaks nothing else.
#pragma once

namespace tedd {

/// What it finds open: where it is asked, and what it is to trust (platform/pki/examination.hpp).
inline constexpr int kExaminerSocket = 3;
inline constexpr int kExaminerTrust = 4;
/// The option that makes tedd one; for tedd alone.
inline constexpr const char* kExaminerOption = "--examiner";

/// Confines this process, says that it is ready, and answers until the other end closes; or says why not. Returns the
/// exit status.
[[nodiscard]] int examine_until_closed();

}  // namespace tedd
