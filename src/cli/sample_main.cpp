// postern-sample OUT.msg: writes the demonstration's message as an Outlook .msg file.
#include <exception>
#include <iostream>

#include "cli/sample_message.h"
#include "msg/msg_file.h"

int main(int count, char** arguments) {
  if (count != 2 || arguments[1][0] == '-') {
    std::cerr << "Usage: postern-sample OUT.msg\n"
                 "Writes a message object with HTML, an inline picture, an attachment and four "
                 "recipients.\n";
    return 2;
  }
  try {
    postern::msg::write(postern::cli::sample_message(), arguments[1]);
  } catch (const std::exception& failure) {
    std::cerr << "postern-sample: " << failure.what() << "\n";
    return 1;
  }
  return 0;
}
