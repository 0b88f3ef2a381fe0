#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/mime/loss/rows.h"
#include "tests/mime/mail.h"

namespace postern::mime {
namespace {

using enum mapi::LossKind;
using mapi::Message;

/// Without an address, as a row or a sender may be.
void add_recipient(Message& message, int type, std::string_view name) {
  mapi::Recipient row;
  row.set(mapi::PR_RECIPIENT_TYPE, type);
  row.set(mapi::PR_DISPLAY_NAME, std::string(name));
  message.recipients.push_back(row);
}

void remove_sender(Message& message) {
  const auto recipients = message.recipients;
  message = {};
  message.recipients = recipients;
}

mapi::PropertyName internet_header(std::string_view name) {
  return {mapi::PS_INTERNET_HEADERS, std::string(name)};
}

std::vector<LossRow> originator_rows() {
  constexpr std::string_view compose = "message/compose.cpp";
  constexpr std::string_view addresses = "message/address_header.cpp";
  return {
      {compose, substituted, "header From", "it is sent from 'default@example.com'", remove_sender},
      {compose, dropped, "header From", "of the sender 'Ann' no address is known; From shows",
       [](Message& m) {
         remove_sender(m);
         m.set(mapi::PR_SENDER_NAME, "Ann");
       },
       true},
      {compose, dropped, "header From", "the message has no sender; From", remove_sender, true},
      {compose, dropped, "in the attached message 'inner': header From", "no sender address is",
       [](Message& m) {
         Message inner;
         inner.set(mapi::PR_SUBJECT, "inner");
         m.attachments.push_back(mapi::make_attachment(inner));
       }},
      {addresses, guessed, "header From", "'Ann' is taken from the header with which",
       [](Message& m) {
         remove_sender(m);
         m.set(mapi::PR_SENT_REPRESENTING_NAME, "Ann");
         m.set(mapi::PR_TRANSPORT_MESSAGE_HEADERS, "From: Ann <ann@example.org>\r\n");
       }},
      {addresses, substituted, "header From", "of 'Boss', for whom the message is sent",
       [](Message& m) {
         remove_sender(m);
         m.set(mapi::PR_SENT_REPRESENTING_NAME, "Boss");
         mapi::set_address(m, mapi::sender_group, "ann@example.org", "Ann");
       }},
      {addresses, dropped, "header Sender", "of 'Ann', who sends the message for 'Boss'",
       [](Message& m) {
         mapi::set_address(m, mapi::sent_representing_group, "boss@example.org", "Boss");
         m.set(mapi::PR_SENDER_NAME, "Ann");
       }},
  };
}

std::vector<LossRow> recipient_rows() {
  constexpr std::string_view addresses = "message/address_header.cpp";
  constexpr std::string_view headers = "message/message_headers.cpp";
  return {
      {addresses, dropped, "recipient 'Bob'", "'Bob' has no address that can be written",
       [](Message& m) { add_recipient(m, 1, "Bob"); }},
      {addresses, dropped, "recipient 'Eve'", "'Eve' is neither To, Cc nor Bcc",
       [](Message& m) { add_recipient(m, 7, "Eve"); }},
      {addresses, dropped, "header Reply-To", "answers are to go, 'Ann;Bob'",
       [](Message& m) { m.set(mapi::PR_REPLY_RECIPIENT_NAMES, "Ann;Bob"); }},
      {addresses, dropped, "header Reply-To", "entry 1 of the reply recipients",
       [](Message& m) {
         m.set(mapi::PR_REPLY_RECIPIENT_ENTRIES,
               mapi::make_flat_entry_list({{mapi::Binary(20, std::byte{1})}}));
       }},
      {headers, dropped, "header Bcc", "1 recipient of a blind copy is left out",
       [](Message& m) {
         m.recipients.push_back(mapi::make_recipient(mapi::RecipientType::bcc, "b@example.org"));
       },
       true},
      {headers, dropped, "header Disposition-Notification-To", "a read receipt is asked for",
       [](Message& m) {
         remove_sender(m);
         m.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
       }},
  };
}

std::vector<LossRow> field_rows() {
  constexpr std::string_view compose = "message/compose.cpp";
  constexpr std::string_view headers = "message/message_headers.cpp";
  return {
      {compose, substituted, "header Message-ID", "'junk' is none; <",
       [](Message& m) { m.set(mapi::PR_INTERNET_MESSAGE_ID, "junk"); }},
      {compose, dropped, "header Message-ID", "'rubbish' is none and is left out",
       [](Message& m) { m.set(mapi::PR_INTERNET_MESSAGE_ID, "rubbish"); }, true},
      {compose, substituted, "message", "'junk mail', to which reports are to go, is no address",
       [](Message& m) { m.set(mapi::PR_POSTERN_REVERSE_PATH, "junk mail"); }},
      {headers, dropped, "header References", "References holds what its syntax has no place for",
       [](Message& m) { m.set(mapi::PR_INTERNET_REFERENCES, "<a@b> <ä@b>"); }},
      {headers, dropped, "header References", "References is too long",
       [](Message& m) {
         std::string ids;
         for (int i = 0; i < 5000; ++i) ids += "<" + std::to_string(i) + "@b> ";
         m.set(mapi::PR_INTERNET_REFERENCES, ids);
       }},
      {"message/compose.cpp", dropped, "message", "and 50 more were lost or changed",
       [](Message& m) {
         for (int i = 0; i < 150; ++i) add_recipient(m, 1, "Nobody " + std::to_string(i));
       }},
      {headers, dropped, "header no name", "no name cannot be written in its syntax",
       [](Message& m) { m.set(internet_header("no\nname"), std::string("value")); }},
  };
}

}  // namespace

std::vector<LossRow> header_rows() {
  auto rows = originator_rows();
  for (const auto& some : {recipient_rows(), field_rows()}) {
    rows.insert(rows.end(), some.begin(), some.end());
  }
  return rows;
}

}  // namespace postern::mime
