// 128 bits: the width in which addresses of both families are computed with.
#pragma once

namespace base {

__extension__ typedef unsigned __int128 Uint128;  // NOLINT(modernize-use-using): __extension__ needs a typedef

}  // namespace base
