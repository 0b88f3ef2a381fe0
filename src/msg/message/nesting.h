// How deep messages may lie in messages. Each level takes stack; no mail program makes so many.
#pragma once

namespace postern::msg {

inline constexpr int deepest_message = 32;

}  // namespace postern::msg
