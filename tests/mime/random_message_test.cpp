// Messages of random properties: whatever a store holds, what leaves is a well-formed message.
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

/// Text as a hostile or broken writer leaves it: any octets, line ends, pieces of syntax.
std::string hostile_text(std::mt19937& generator) {
  constexpr const char* pieces[] = {
      "\r\n",        "\n",       "=?utf-8?Q?",   "?=",    "<a@b.example>",
      "\"",          "\\",       "; name=x",     "--=_",  "Content-Type: x",
      "\r\n\r\n",    "\xF0\x9F", "\xE2\x80\xAE", "..",    "/",
      "multipart/x", "cid:1",    "%0D%0A",       "From ", "."};
  std::string text;
  for (auto left = generator() % 12; left > 0; --left) {
    switch (generator() % 4) {
      case 0:
        text += pieces[generator() % std::size(pieces)];
        break;
      case 1:
        text += random_octets(static_cast<std::uint32_t>(generator()), generator() % 20);
        break;
      default:
        text += random_text(generator, 40);
    }
  }
  return text;
}

mapi::PropertyValue random_value(std::mt19937& generator) {
  switch (generator() % 8) {
    case 0:
      return static_cast<std::int32_t>(generator() % 10) - 2;
    case 1:
      return generator() % 2 == 0;
    case 2:
      return mapi::FileTime{generator() << (generator() % 33U)};
    case 3: {
      mapi::Binary binary;
      for (const char c : hostile_text(generator)) binary.push_back(static_cast<std::byte>(c));
      return binary;
    }
    case 4:
      return std::vector<std::string>{hostile_text(generator), hostile_text(generator)};
    default:
      return hostile_text(generator);
  }
}

/// Half of the properties the composer looks at get a value of a random type.
void fill(mapi::PropertyBag& bag, std::mt19937& generator) {
  constexpr std::uint16_t ids[] = {
      0x0017, 0x0026, 0x0029, 0x0030, 0x0036, 0x0037, 0x0039, 0x003D, 0x0041, 0x0042, 0x004F,
      0x0050, 0x0065, 0x0070, 0x0071, 0x007D, 0x0015, 0x0C15, 0x0C1A, 0x0C1E, 0x0C1F, 0x0E07,
      0x0E1D, 0x0E1F, 0x0FFF, 0x1000, 0x1001, 0x1009, 0x1013, 0x1014, 0x1015, 0x1016, 0x1035,
      0x1039, 0x1042, 0x1043, 0x3001, 0x3002, 0x3003, 0x3007, 0x3008, 0x300B, 0x3701, 0x3703,
      0x3704, 0x3705, 0x3707, 0x370D, 0x370E, 0x3711, 0x3712, 0x3713, 0x371A, 0x39FE, 0x3FDE,
      0x3FDF, 0x3FF1, 0x3FFD, 0x5902, 0x5D01, 0x5D02, 0x6820};
  for (const auto id : ids) {
    if (generator() % 2 == 0) bag.set(id, random_value(generator));
  }
  bag.set({mapi::PS_INTERNET_HEADERS, "X-" + hostile_text(generator)}, random_value(generator));
  bag.set({mapi::PS_INTERNET_HEADERS, std::string("X-Plain")}, random_value(generator));
}

mapi::Message random_message(std::mt19937& generator, int depth) {
  constexpr const char* classes[] = {"IPM.Note",
                                     "IPM.Note.SMIME",
                                     "IPM.Note.SMIME.MultipartSigned",
                                     "REPORT.IPM.Note.NDR",
                                     "REPORT.IPM.Note.IPNRN",
                                     "IPM.Task"};
  mapi::Message message;
  fill(message, generator);
  message.set(mapi::PR_MESSAGE_CLASS, classes[generator() % std::size(classes)]);
  for (auto left = generator() % 4; left > 0; --left) {
    fill(message.recipients.emplace_back(), generator);
  }
  for (auto left = generator() % 4; left > 0; --left) {
    auto& attachment = message.attachments.emplace_back();
    fill(attachment, generator);
    attachment.data = mapi::Content::from_text(hostile_text(generator));
    if (depth > 0 && generator() % 3 == 0) {
      attachment = mapi::make_attachment(random_message(generator, depth - 1));
    }
  }
  return message;
}

TEST(RandomMessages, AreAlwaysFitForTheWire) {
  auto options = fixed_options();
  options.default_from = "default@example.com";
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 generator(seed);
    const auto plan = compose(random_message(generator, 2), options);
    expect_fit_for_the_wire(plan);
    if (HasFailure()) FAIL() << "seed " << seed << '\n' << octets_of(plan.content());
    if (seed % 30 != 0) continue;
    const auto mail = python(
        "import sys, json, email\n"
        "m = email.message_from_bytes(sys.stdin.buffer.read())\n"
        "print(json.dumps([[str(d) for p in m.walk() for d in p.defects], m.keys()]))",
        octets_of(plan.content()));
    EXPECT_TRUE(mail[0].empty()) << "seed " << seed << mail[0];
  }
}

TEST(RandomMessages, AreCheckedAsTheyAreComposed) {
  const auto options = [] {
    auto fixed = fixed_options();
    fixed.default_from = "default@example.com";
    return fixed;
  };
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 generator(seed);
    const auto message = random_message(generator, 2);
    const auto plan = compose(message, options());
    const auto checked = check(message, options());
    EXPECT_EQ(checked.losses, plan.losses) << "seed " << seed;
    EXPECT_EQ(checked.message_id, plan.message_id) << "seed " << seed;
  }
}

}  // namespace
}  // namespace postern::mime
