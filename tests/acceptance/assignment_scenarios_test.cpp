// Acceptance scenarios about several transports and preprocessors (mapi-submission.md §17).
#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using mapi::SpecialFolder;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Assignment : public MailSystem {};
POSTERN_WITH_EVERY_STORE(Assignment);

TEST_P(Assignment, Scenario10_TransportThatDeclinesGetsItsRowsReportedOnly) {
  ScriptedTransport fax;
  fax.types = {"FAX"};
  fax.leaves_everything = true;
  const auto entry = submit(of_type(letter_to({"a@b.example", "+49 30 1"}), 1, "FAX"));
  send_all({&smtp(), &fax});
  EXPECT_THAT(served(), ElementsAre("a@b.example"));
  EXPECT_EQ(fax.calls(), 1);
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_NDR_STATUS_CODE), 544);
  EXPECT_EQ(outcome(entry, 0).verdict, Verdict::delivered);
}

TEST_P(Assignment, Scenario11_UnknownAddressTypeIsReportedByTheSpooler) {
  submit(of_type(letter_to({"12345"}), 0, "TELEX"));
  send_all({&smtp()});
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  const auto& row = reports[0].recipients.at(0);
  EXPECT_EQ(row.get(mapi::PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(row.get(mapi::PR_NDR_DIAG_CODE), -1);
  EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 544);
}

TEST_P(Assignment, Scenario12_UidBeatsTypeAndTheOrderIsWhatWasSaid) {
  constexpr mapi::ProviderUid uid{std::byte{0xFA}};
  ScriptedTransport first;
  ScriptedTransport last;
  last.uids = {uid};
  auto letter = letter_to({"by-type@b.example", "by-uid@b.example"});
  mapi::Binary entry_id(4, std::byte{0});
  entry_id.insert(entry_id.end(), uid.begin(), uid.end());
  letter.recipients[1].set(mapi::PR_ENTRYID, entry_id);
  submit(letter);
  send_all({&first, &last});
  EXPECT_THAT(first.offered(), ElementsAre("by-type@b.example"));
  EXPECT_THAT(last.offered(), ElementsAre("by-uid@b.example"));

  ScriptedTransport prefers_last;
  prefers_last.prefers_last = true;
  ScriptedTransport second;
  submit(letter_to({"a@b.example"}));
  send_all({&prefers_last, &second});
  EXPECT_EQ(prefers_last.calls(), 0);
  EXPECT_EQ(second.calls(), 1);

  options.transport_order = {0, 1};
  submit(letter_to({"a@b.example"}));
  send_all({&prefers_last, &second});
  EXPECT_EQ(prefers_last.calls(), 1);
}

TEST_P(Assignment, Scenario13_PreprocessorsRunOncePerMessageInOrderAndLeaveNoTrace) {
  std::vector<std::string> calls;
  const auto stamp = [&calls](const std::string& mark) {
    mapi::Preprocessor preprocessor;
    preprocessor.preprocess = [&calls, mark](mapi::Message& message) {
      calls.push_back(mark);
      message.set(mapi::PR_BODY, std::string(message.get_or(mapi::PR_BODY, "")) + mark);
      return mapi::PreprocessResult{};
    };
    preprocessor.remove_info = [mark](mapi::Message& message) {
      auto body = std::string(message.get_or(mapi::PR_BODY, ""));
      std::erase(body, mark.front());
      message.set(mapi::PR_BODY, body);
    };
    return preprocessor;
  };
  ScriptedTransport transport;
  transport.preprocessors = {stamp("2"), stamp("1")};
  transport.script["a@b.example"] = {Verdict::retry, Verdict::failed};
  options.sessions = 1;
  const auto entry = submit(letter_to({"a@b.example"}));
  send_all({&transport});
  EXPECT_THAT(calls, ElementsAre("2", "1"));
  EXPECT_EQ(message(entry).get(mapi::PR_BODY), "Dear all");
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].attachments.size(), 1U);
  EXPECT_EQ(reports[0].attachments[0].embedded->get(mapi::PR_BODY), "Dear all");
}

}  // namespace
}  // namespace postern::acceptance
