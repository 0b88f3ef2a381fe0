// Every branch that drops, substitutes, guesses or finds damage says so, typed.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/losses.h"
#include "tests/mime/loss/rows.h"
#include "tests/mime/mail.h"

namespace postern::mime {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

std::vector<LossRow> all_rows() {
  std::vector<LossRow> rows;
  for (const auto& some : {body_rows(), header_rows(), attachment_rows(), item_rows()}) {
    rows.insert(rows.end(), some.begin(), some.end());
  }
  return rows;
}

auto is_loss_of(const LossRow& row) {
  return testing::AllOf(Field("kind", &mapi::Loss::kind, row.kind),
                        Field("part", &mapi::Loss::part, std::string(row.part)),
                        Field("sentence", &mapi::Loss::sentence, HasSubstr(row.words)));
}

TEST(Losses, EachBranchTellsItsOwn) {
  for (const auto& row : all_rows()) {
    auto message = simple_message();
    row.change(message);
    auto options = fixed_options();
    options.is_file = row.is_file;
    if (!row.is_file) options.default_from = "default@example.com";
    const auto plan = compose(message, options);
    EXPECT_THAT(plan.losses, Contains(is_loss_of(row)).Times(1))
        << row.words << testing::PrintToString(sentences(plan.losses));
  }
}

TEST(Losses, NothingIsToldOfAMessageThatLosesNothing) {
  EXPECT_THAT(sentences(compose(simple_message(), fixed_options()).losses), ElementsAre());
}

TEST(Losses, EachPlaceThatTellsHasARow) {
  std::map<std::string, std::size_t> rows;
  std::set<std::string_view> words;
  for (const auto& row : all_rows()) {
    ++rows[std::string(row.source)];
    EXPECT_TRUE(words.insert(row.words).second) << row.words;
  }
  auto places = places_that_tell("mime");
  std::erase_if(places, [](const auto& place) { return place.first.starts_with("parse/"); });
  EXPECT_EQ(rows, places);
}

TEST(Losses, ThoseOfAnAttachedMessageSayWhereTheyAre) {
  mapi::Message innermost;
  innermost.set(mapi::PR_SUBJECT, "b");
  auto inner = simple_message();
  inner.set(mapi::PR_SUBJECT, "a");
  inner.attachments.push_back(mapi::make_attachment(innermost));
  auto message = simple_message();
  message.attachments.push_back(mapi::make_attachment(inner));
  EXPECT_THAT(compose(message, fixed_options()).losses,
              ElementsAre(mapi::Loss{
                  mapi::LossKind::dropped,
                  "in the attached message 'a': in the attached message 'b': header From",
                  "in the attached message 'a': in the attached message 'b': no sender address is "
                  "known; From is left out"}));
}

}  // namespace
}  // namespace postern::mime
