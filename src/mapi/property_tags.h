// The property tags Postern uses, with the values of the public MAPI headers and [MS-OXPROPS].
// Meanings: mapi-submission.md §12, mapi-to-mime.md §§2, 3, 6.
#pragma once

#include "mapi/property_type.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

// clang-format off
// Message: identity and content
inline constexpr Tag<PropertyType::unicode> PR_MESSAGE_CLASS{0x001A};
inline constexpr Tag<PropertyType::unicode> PR_SUBJECT{0x0037};
inline constexpr Tag<PropertyType::unicode> PR_SUBJECT_PREFIX{0x003D};
inline constexpr Tag<PropertyType::unicode> PR_NORMALIZED_SUBJECT{0x0E1D};
inline constexpr Tag<PropertyType::unicode> PR_BODY{0x1000};
inline constexpr Tag<PropertyType::binary> PR_RTF_COMPRESSED{0x1009};
inline constexpr Tag<PropertyType::binary> PR_HTML{0x1013};  ///< the bytes of the HTML body, in the charset of PR_INTERNET_CPID
inline constexpr Tag<PropertyType::unicode> PR_BODY_HTML{0x1013};  ///< the same id where a writer stored text
inline constexpr Tag<PropertyType::boolean> PR_RTF_IN_SYNC{0x0E1F};
inline constexpr Tag<PropertyType::int32> PR_NATIVE_BODY_INFO{0x1016};  ///< 1 text, 2 RTF, 3 HTML, 4 clear-signed
inline constexpr Tag<PropertyType::int32> PR_INETMAIL_OVERRIDE_FORMAT{0x5902};
inline constexpr Tag<PropertyType::int32> PR_INTERNET_CPID{0x3FDE};
inline constexpr Tag<PropertyType::int32> PR_MESSAGE_CODEPAGE{0x3FFD};
inline constexpr Tag<PropertyType::int32> PR_MESSAGE_LOCALE_ID{0x3FF1};
inline constexpr Tag<PropertyType::unicode> PR_INTERNET_MESSAGE_ID{0x1035};
inline constexpr Tag<PropertyType::unicode> PR_INTERNET_REFERENCES{0x1039};
inline constexpr Tag<PropertyType::unicode> PR_IN_REPLY_TO_ID{0x1042};
inline constexpr Tag<PropertyType::unicode> PR_CONVERSATION_TOPIC{0x0070};
inline constexpr Tag<PropertyType::binary> PR_CONVERSATION_INDEX{0x0071};
inline constexpr Tag<PropertyType::binary> PR_CONVERSATION_KEY{0x000B};
inline constexpr Tag<PropertyType::binary> PR_PARENT_KEY{0x0025};
inline constexpr Tag<PropertyType::int32> PR_IMPORTANCE{0x0017};  ///< 0 low, 1 normal, 2 high
inline constexpr Tag<PropertyType::int32> PR_PRIORITY{0x0026};  ///< -1 non-urgent, 0 normal, 1 urgent
inline constexpr Tag<PropertyType::int32> PR_SENSITIVITY{0x0036};  ///< 0 none, 1 personal, 2 private, 3 confidential
inline constexpr Tag<PropertyType::int32> PR_SECURITY_FLAGS{0x6E01};  ///< what the sender asks for: SECFLAG_…
inline constexpr Tag<PropertyType::boolean> PR_AUTO_FORWARDED{0x0005};
inline constexpr Tag<PropertyType::int32> PR_AUTO_RESPONSE_SUPPRESS{0x3FDF};
inline constexpr Tag<PropertyType::system_time> PR_EXPIRY_TIME{0x0015};
inline constexpr Tag<PropertyType::system_time> PR_REPLY_TIME{0x0030};
inline constexpr Tag<PropertyType::unicode> PR_LIST_HELP{0x1043};
inline constexpr Tag<PropertyType::unicode> PR_LIST_SUBSCRIBE{0x1044};
inline constexpr Tag<PropertyType::unicode> PR_LIST_UNSUBSCRIBE{0x1045};
inline constexpr Tag<PropertyType::unicode> PR_BODY_CONTENT_ID{0x1015};
inline constexpr Tag<PropertyType::unicode> PR_BODY_CONTENT_LOCATION{0x1014};
inline constexpr Tag<PropertyType::system_time> PR_START_DATE{0x0060};
inline constexpr Tag<PropertyType::system_time> PR_END_DATE{0x0061};
inline constexpr Tag<PropertyType::int32> PR_OWNER_APPT_ID{0x0062};
inline constexpr Tag<PropertyType::boolean> PR_RESPONSE_REQUESTED{0x0063};
inline constexpr Tag<PropertyType::unicode> PR_CREATOR_EMAIL_ADDRESS{0x4023};
inline constexpr Tag<PropertyType::unicode> PR_CREATOR_SMTP_ADDRESS{0x5D0A};
inline constexpr Tag<PropertyType::unicode> PR_TRANSPORT_MESSAGE_HEADERS{0x007D};  ///< as it once arrived; display only
inline constexpr Tag<PropertyType::binary> PR_TNEF_CORRELATION_KEY{0x007F};
inline constexpr Tag<PropertyType::int32> PR_STORE_SUPPORT_MASK{0x340D};
inline constexpr Tag<PropertyType::binary> PR_SEARCH_KEY{0x300B};
inline constexpr Tag<PropertyType::binary> PR_RECORD_KEY{0x0FF9};
inline constexpr Tag<PropertyType::binary> PR_ENTRYID{0x0FFF};
inline constexpr Tag<PropertyType::system_time> PR_CREATION_TIME{0x3007};
inline constexpr Tag<PropertyType::system_time> PR_LAST_MODIFICATION_TIME{0x3008};
inline constexpr Tag<PropertyType::system_time> PR_MESSAGE_DELIVERY_TIME{0x0E06};
inline constexpr Tag<PropertyType::int32> PR_MESSAGE_SIZE{0x0E08};
inline constexpr Tag<PropertyType::boolean> PR_HASATTACH{0x0E1B};
inline constexpr Tag<PropertyType::unicode> PR_DISPLAY_TO{0x0E04};
inline constexpr Tag<PropertyType::unicode> PR_DISPLAY_CC{0x0E03};
inline constexpr Tag<PropertyType::unicode> PR_DISPLAY_BCC{0x0E02};

// Message: submission (mapi-submission.md 12.1)
inline constexpr Tag<PropertyType::int32> PR_MESSAGE_FLAGS{0x0E07};
inline constexpr Tag<PropertyType::int32> PR_SUBMIT_FLAGS{0x0E14};
inline constexpr Tag<PropertyType::boolean> PR_PREPROCESS{0x0E22};
inline constexpr Tag<PropertyType::system_time> PR_CLIENT_SUBMIT_TIME{0x0039};
inline constexpr Tag<PropertyType::system_time> PR_PROVIDER_SUBMIT_TIME{0x0048};
inline constexpr Tag<PropertyType::binary> PR_SENTMAIL_ENTRYID{0x0E0A};
inline constexpr Tag<PropertyType::boolean> PR_DELETE_AFTER_SUBMIT{0x0E01};
inline constexpr Tag<PropertyType::system_time> PR_DEFERRED_SEND_TIME{0x3FEF};
inline constexpr Tag<PropertyType::int32> PR_DEFERRED_SEND_NUMBER{0x3FEB};
inline constexpr Tag<PropertyType::int32> PR_DEFERRED_SEND_UNITS{0x3FEC};  ///< 0 minutes, 1 hours, 2 days, 3 weeks
inline constexpr Tag<PropertyType::system_time> PR_DEFERRED_DELIVERY_TIME{0x000F};
inline constexpr Tag<PropertyType::system_time> PR_LATEST_DELIVERY_TIME{0x0019};
inline constexpr Tag<PropertyType::boolean> PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED{0x0023};
inline constexpr Tag<PropertyType::boolean> PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED{0x0C08};
inline constexpr Tag<PropertyType::boolean> PR_READ_RECEIPT_REQUESTED{0x0029};
inline constexpr Tag<PropertyType::boolean> PR_NON_RECEIPT_NOTIFICATION_REQUESTED{0x0C06};
inline constexpr Tag<PropertyType::system_time> PR_RECEIPT_TIME{0x002A};  ///< on a read report: when the message was read
inline constexpr Tag<PropertyType::binary> PR_REPORT_TAG{0x0031};
inline constexpr Tag<PropertyType::binary> PR_REPORT_ENTRYID{0x0045};
inline constexpr Tag<PropertyType::unicode> PR_REPORT_NAME{0x003A};
inline constexpr Tag<PropertyType::binary> PR_REPORT_SEARCH_KEY{0x0054};

// Addresses (mapi-to-mime.md 2.1)
inline constexpr Tag<PropertyType::binary> PR_SENDER_ENTRYID{0x0C19};
inline constexpr Tag<PropertyType::unicode> PR_SENDER_NAME{0x0C1A};
inline constexpr Tag<PropertyType::unicode> PR_SENDER_ADDRTYPE{0x0C1E};
inline constexpr Tag<PropertyType::unicode> PR_SENDER_EMAIL_ADDRESS{0x0C1F};
inline constexpr Tag<PropertyType::unicode> PR_SENDER_SMTP_ADDRESS{0x5D01};
inline constexpr Tag<PropertyType::binary> PR_SENDER_SEARCH_KEY{0x0C1D};
inline constexpr Tag<PropertyType::binary> PR_SENT_REPRESENTING_ENTRYID{0x0041};
inline constexpr Tag<PropertyType::unicode> PR_SENT_REPRESENTING_NAME{0x0042};
inline constexpr Tag<PropertyType::unicode> PR_SENT_REPRESENTING_ADDRTYPE{0x0064};
inline constexpr Tag<PropertyType::unicode> PR_SENT_REPRESENTING_EMAIL_ADDRESS{0x0065};
inline constexpr Tag<PropertyType::unicode> PR_SENT_REPRESENTING_SMTP_ADDRESS{0x5D02};
inline constexpr Tag<PropertyType::binary> PR_SENT_REPRESENTING_SEARCH_KEY{0x003B};
inline constexpr Tag<PropertyType::binary> PR_READ_RECEIPT_ENTRYID{0x0046};
inline constexpr Tag<PropertyType::unicode> PR_READ_RECEIPT_NAME{0x402B};
inline constexpr Tag<PropertyType::unicode> PR_READ_RECEIPT_ADDRTYPE{0x4029};
inline constexpr Tag<PropertyType::unicode> PR_READ_RECEIPT_EMAIL_ADDRESS{0x402A};
inline constexpr Tag<PropertyType::unicode> PR_READ_RECEIPT_SMTP_ADDRESS{0x5D05};
inline constexpr Tag<PropertyType::binary> PR_READ_RECEIPT_SEARCH_KEY{0x0053};
inline constexpr Tag<PropertyType::binary> PR_RECEIVED_BY_ENTRYID{0x003F};
inline constexpr Tag<PropertyType::unicode> PR_RECEIVED_BY_NAME{0x0040};
inline constexpr Tag<PropertyType::unicode> PR_RECEIVED_BY_ADDRTYPE{0x0075};
inline constexpr Tag<PropertyType::unicode> PR_RECEIVED_BY_EMAIL_ADDRESS{0x0076};
inline constexpr Tag<PropertyType::unicode> PR_RECEIVED_BY_SMTP_ADDRESS{0x5D07};
inline constexpr Tag<PropertyType::binary> PR_RECEIVED_BY_SEARCH_KEY{0x0051};
inline constexpr Tag<PropertyType::binary> PR_RCVD_REPRESENTING_ENTRYID{0x0043};
inline constexpr Tag<PropertyType::unicode> PR_RCVD_REPRESENTING_NAME{0x0044};
inline constexpr Tag<PropertyType::unicode> PR_RCVD_REPRESENTING_ADDRTYPE{0x0077};
inline constexpr Tag<PropertyType::unicode> PR_RCVD_REPRESENTING_EMAIL_ADDRESS{0x0078};
inline constexpr Tag<PropertyType::unicode> PR_RCVD_REPRESENTING_SMTP_ADDRESS{0x5D08};
inline constexpr Tag<PropertyType::binary> PR_RCVD_REPRESENTING_SEARCH_KEY{0x0052};
inline constexpr Tag<PropertyType::binary> PR_REPLY_RECIPIENT_ENTRIES{0x004F};
inline constexpr Tag<PropertyType::unicode> PR_REPLY_RECIPIENT_NAMES{0x0050};

// Recipient rows (12.3)
inline constexpr Tag<PropertyType::int32> PR_ROWID{0x3000};
inline constexpr Tag<PropertyType::int32> PR_RECIPIENT_TYPE{0x0C15};
inline constexpr Tag<PropertyType::boolean> PR_RESPONSIBILITY{0x0E0F};  ///< TRUE: a final verdict exists (mapi-submission.md 6)
inline constexpr Tag<PropertyType::unicode> PR_DISPLAY_NAME{0x3001};
inline constexpr Tag<PropertyType::unicode> PR_ADDRTYPE{0x3002};
inline constexpr Tag<PropertyType::unicode> PR_EMAIL_ADDRESS{0x3003};
inline constexpr Tag<PropertyType::unicode> PR_SMTP_ADDRESS{0x39FE};
inline constexpr Tag<PropertyType::int32> PR_OBJECT_TYPE{0x0FFE};
inline constexpr Tag<PropertyType::int32> PR_DISPLAY_TYPE{0x3900};
inline constexpr Tag<PropertyType::unicode> PR_RECIPIENT_DISPLAY_NAME{0x5FF6};
inline constexpr Tag<PropertyType::boolean> PR_SEND_RICH_INFO{0x3A40};
inline constexpr Tag<PropertyType::int32> PR_SEND_INTERNET_ENCODING{0x3A71};

// Reports (12.2)
inline constexpr Tag<PropertyType::system_time> PR_DELIVER_TIME{0x0010};
inline constexpr Tag<PropertyType::int32> PR_NDR_REASON_CODE{0x0C04};
inline constexpr Tag<PropertyType::int32> PR_NDR_DIAG_CODE{0x0C05};
inline constexpr Tag<PropertyType::int32> PR_NDR_STATUS_CODE{0x0C20};
inline constexpr Tag<PropertyType::unicode> PR_DSN_REMOTE_MTA{0x0C21};
inline constexpr Tag<PropertyType::unicode> PR_SUPPLEMENTARY_INFO{0x0C1B};
inline constexpr Tag<PropertyType::unicode> PR_REPORT_TEXT{0x1001};
inline constexpr Tag<PropertyType::system_time> PR_REPORT_TIME{0x0032};
inline constexpr Tag<PropertyType::int32> PR_RECIPIENT_NUMBER{0x6662};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_SUBJECT{0x0049};
inline constexpr Tag<PropertyType::system_time> PR_ORIGINAL_SUBMIT_TIME{0x004E};
inline constexpr Tag<PropertyType::system_time> PR_ORIGINAL_DELIVERY_TIME{0x0055};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_DISPLAY_TO{0x0074};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_DISPLAY_CC{0x0073};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_DISPLAY_BCC{0x0072};
inline constexpr Tag<PropertyType::unicode> PR_ORIG_MESSAGE_CLASS{0x004B};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_SENDER_NAME{0x005A};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_SENDER_ADDRTYPE{0x0066};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_SENDER_EMAIL_ADDRESS{0x0067};
inline constexpr Tag<PropertyType::binary> PR_ORIGINAL_SEARCH_KEY{0x3A14};
inline constexpr Tag<PropertyType::unicode> PR_ORIGINAL_DISPLAY_NAME{0x3A13};
inline constexpr Tag<PropertyType::binary> PR_ORIGINAL_ENTRYID{0x3A12};
inline constexpr Tag<PropertyType::binary> PR_SUBJECT_IPM{0x0038};
inline constexpr Tag<PropertyType::unicode> PR_REPORTING_MTA{0x6820};  ///< PidTagReportingMessageTransferAgent

// Attachments
inline constexpr Tag<PropertyType::int32> PR_ATTACH_METHOD{0x3705};
inline constexpr Tag<PropertyType::binary> PR_ATTACH_DATA_BIN{0x3701};
inline constexpr Tag<PropertyType::int32> PR_ATTACH_NUM{0x0E21};
inline constexpr Tag<PropertyType::int32> PR_ATTACH_SIZE{0x0E20};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_LONG_FILENAME{0x3707};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_FILENAME{0x3704};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_EXTENSION{0x3703};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_MIME_TAG{0x370E};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_CONTENT_ID{0x3712};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_CONTENT_LOCATION{0x3713};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_CONTENT_BASE{0x3711};
inline constexpr Tag<PropertyType::int32> PR_ATTACH_FLAGS{0x3714};
inline constexpr Tag<PropertyType::binary> PR_ATTACH_ENCODING{0x3702};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_LONG_PATHNAME{0x370D};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_PATHNAME{0x3708};
inline constexpr Tag<PropertyType::binary> PR_ATTACH_RENDERING{0x3709};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_PAYLOAD_PROV_GUID_STR{0x3719};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_PAYLOAD_CLASS{0x371A};
inline constexpr Tag<PropertyType::unicode> PR_TEXT_ATTACHMENT_CHARSET{0x371B};
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_DISPOSITION{0x3716};  ///< "inline": readers show it at once
inline constexpr Tag<PropertyType::unicode> PR_ATTACH_TRANSPORT_NAME{0x370C};
inline constexpr Tag<PropertyType::boolean> PR_ATTACHMENT_HIDDEN{0x7FFE};
inline constexpr Tag<PropertyType::int32> PR_RENDERING_POSITION{0x370B};

// Postern's own, from the range that never leaves the store (0x6000-0x67FF); see mapi/recipient_outcome.h
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_ENVELOPE_ID{0x67DF};  ///< message: ENVID of this submission, new with each one
inline constexpr Tag<PropertyType::int32> PR_POSTERN_VERDICT{0x67E0};
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_STAGE{0x67E1};
inline constexpr Tag<PropertyType::int32> PR_POSTERN_REPLY_CODE{0x67E2};
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_STATUS{0x67E3};
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_REPLY_TEXT{0x67E4};
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_HOST{0x67E5};
inline constexpr Tag<PropertyType::system_time> PR_POSTERN_OUTCOME_TIME{0x67E6};
inline constexpr Tag<PropertyType::int32> PR_POSTERN_ATTEMPTS{0x67E7};  ///< recipient: attempts that ended with an outcome
inline constexpr Tag<PropertyType::system_time> PR_POSTERN_NEXT_ATTEMPT{0x67E8};  ///< message: not to be offered to a transport before
inline constexpr Tag<PropertyType::int32> PR_POSTERN_RETRIES{0x67E9};  ///< message: retries scheduled so far
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_REPORTED{0x67EA};  ///< recipient: a report about the final verdict exists, or none is due
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_TRANSCRIPT{0x67EB};  ///< message: what both sides said at the last attempt, a line each
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_LOSSES{0x67F5};  ///< message: what was lost when it was read from a file or composed, a line each (mapi/loss.h)
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_IS_FURTHER{0x67EE};  ///< message: made by a preprocessor of another one, and not preprocessed itself
inline constexpr Tag<PropertyType::system_time> PR_POSTERN_FIRST_ATTEMPT{0x67ED};  ///< message: when a recipient was first tried in vain
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_NEXT_HOP_REPORTS{0x67EC};  ///< recipient: the delivery is reported by the server that took the message
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_DELAY_REPORTED{0x67EF};  ///< message: its sender has been told that it is delayed
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_OWN_WORDS{0x67F1};  ///< recipient: the text of its outcome is no server's
inline constexpr Tag<PropertyType::system_time> PR_POSTERN_MAY_HAVE_ARRIVED{0x67F2};  ///< recipient: when the content was sent to its end and no reply came back, for the first time; no later outcome changes that
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_MAY_HAVE_ARRIVED_AT{0x67F3};  ///< recipient: the server to which it was sent then
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_REQUIRE_TLS{0x67F4};  ///< message: it goes by verified TLS to servers that promise to go on so (REQUIRETLS, RFC 8689), or not at all
inline constexpr Tag<PropertyType::boolean> PR_POSTERN_TNEF{0x67F7};  ///< message: it goes as TNEF, in a winmail.dat (mapi-to-mime.md §9)
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_REVERSE_PATH{0x67F8};  ///< message: the envelope's sender, if that is not From's; empty: the null reverse path
inline constexpr Tag<PropertyType::unicode> PR_POSTERN_HEADER_DATE{0x67F9};  ///< message: its Date as the program wrote it that composed the mail; else Date is the time of submission
inline constexpr Tag<PropertyType::int32> PR_POSTERN_SECURED_ENTITY{0x67F0};  ///< attachment: the MIME entity that is sent instead of the message's content, by number; recipient: which one it gets (none: 0)
inline constexpr Tag<PropertyType::int32> PR_POSTERN_ORIGINAL{0x67F6};  ///< attachment: octets that are sent in the place of what the message's properties say; of what, mime/original.h says

// Status rows (mapi-submission.md 5.4, 12.3)
inline constexpr Tag<PropertyType::int32> PR_RESOURCE_FLAGS{0x3009};
inline constexpr Tag<PropertyType::int32> PR_RESOURCE_METHODS{0x3E02};
inline constexpr Tag<PropertyType::int32> PR_RESOURCE_TYPE{0x3E03};
inline constexpr Tag<PropertyType::int32> PR_STATUS_CODE{0x3E04};
inline constexpr Tag<PropertyType::binary> PR_OWN_STORE_ENTRYID{0x3E06};
inline constexpr Tag<PropertyType::unicode> PR_STATUS_STRING{0x3E08};
// clang-format on

// PR_MESSAGE_FLAGS
inline constexpr std::int32_t MSGFLAG_READ = 0x1;
inline constexpr std::int32_t MSGFLAG_UNMODIFIED = 0x2;
inline constexpr std::int32_t MSGFLAG_SUBMIT = 0x4;
inline constexpr std::int32_t MSGFLAG_UNSENT = 0x8;
inline constexpr std::int32_t MSGFLAG_HASATTACH = 0x10;
inline constexpr std::int32_t MSGFLAG_FROMME = 0x20;
inline constexpr std::int32_t MSGFLAG_ASSOCIATED = 0x40;
inline constexpr std::int32_t MSGFLAG_RESEND = 0x80;
inline constexpr std::int32_t MSGFLAG_RN_PENDING = 0x100;   ///< a read report is to be sent
inline constexpr std::int32_t MSGFLAG_NRN_PENDING = 0x200;  ///< a non-read report is to be sent

// IMessage::SetReadFlag
inline constexpr std::int32_t SUPPRESS_RECEIPT = 0x1;
inline constexpr std::int32_t CLEAR_READ_FLAG = 0x4;
inline constexpr std::int32_t MAPI_DEFERRED_ERRORS = 0x8;  ///< without effect
inline constexpr std::int32_t GENERATE_RECEIPT_ONLY = 0x10;
inline constexpr std::int32_t CLEAR_RN_PENDING = 0x20;
inline constexpr std::int32_t CLEAR_NRN_PENDING = 0x40;

// PR_STATUS_CODE
inline constexpr std::int32_t STATUS_AVAILABLE = 0x1;
inline constexpr std::int32_t STATUS_OFFLINE = 0x2;
inline constexpr std::int32_t STATUS_FAILURE = 0x4;
inline constexpr std::int32_t STATUS_INBOUND_ENABLED = 0x10000;
inline constexpr std::int32_t STATUS_INBOUND_ACTIVE = 0x20000;
inline constexpr std::int32_t STATUS_INBOUND_FLUSH = 0x40000;
inline constexpr std::int32_t STATUS_OUTBOUND_ENABLED = 0x100000;
inline constexpr std::int32_t STATUS_OUTBOUND_ACTIVE = 0x200000;
inline constexpr std::int32_t STATUS_OUTBOUND_FLUSH = 0x400000;

// PR_RESOURCE_TYPE
inline constexpr std::int32_t MAPI_TRANSPORT_PROVIDER = 36;
inline constexpr std::int32_t MAPI_SPOOLER = 37;

// PR_RESOURCE_FLAGS
inline constexpr std::int32_t STATUS_OWN_STORE =
    0x100;  ///< coupled with the store of PR_OWN_STORE_ENTRYID

// PR_RESOURCE_METHODS
inline constexpr std::int32_t STATUS_FLUSH_QUEUES = 0x8;

// PR_SECURITY_FLAGS
inline constexpr std::int32_t SECFLAG_ENCRYPTED = 0x1;
inline constexpr std::int32_t SECFLAG_SIGNED = 0x2;

// PR_OBJECT_TYPE, PR_DISPLAY_TYPE, and the address type that MAPI itself defines (11)
inline constexpr std::int32_t MAPI_MAILUSER = 6;
inline constexpr std::int32_t MAPI_DISTLIST = 8;
inline constexpr std::int32_t DT_PRIVATE_DISTLIST = 5;
inline constexpr std::string_view MAPIPDL = "MAPIPDL";  ///< a personal distribution list

// PR_SUBMIT_FLAGS
inline constexpr std::int32_t SUBMITFLAG_LOCKED = 0x1;
inline constexpr std::int32_t SUBMITFLAG_PREPROCESS = 0x2;

// PR_STORE_SUPPORT_MASK
inline constexpr std::int32_t STORE_ENTRYID_UNIQUE = 0x1;
inline constexpr std::int32_t STORE_MODIFY_OK = 0x8;
inline constexpr std::int32_t STORE_CREATE_OK = 0x10;
inline constexpr std::int32_t STORE_ATTACH_OK = 0x20;
inline constexpr std::int32_t STORE_OLE_OK = 0x40;
inline constexpr std::int32_t STORE_SUBMIT_OK = 0x80;
inline constexpr std::int32_t STORE_NOTIFY_OK = 0x100;
inline constexpr std::int32_t STORE_RTF_OK = 0x800;
inline constexpr std::int32_t STORE_HTML_OK = 0x10000;
inline constexpr std::int32_t STORE_UNICODE_OK = 0x40000;

// Property sets of named properties (mapi-to-mime.md §1.4)
/// {dddddddd-0000-0000-C000-000000000046}
constexpr Guid office_property_set(std::uint32_t d) {
  const auto octet = [d](int shift) { return static_cast<std::uint8_t>(d >> shift); };
  return {{octet(0), octet(8), octet(16), octet(24), 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
}
inline constexpr Guid PS_MAPI = office_property_set(0x00020328);
inline constexpr Guid PS_PUBLIC_STRINGS = office_property_set(0x00020329);
inline constexpr Guid PS_INTERNET_HEADERS = office_property_set(0x00020386);
inline constexpr Guid PSETID_Common = office_property_set(0x00062008);
inline constexpr Guid PSETID_Appointment = office_property_set(0x00062002);
inline constexpr Guid PSETID_Task = office_property_set(0x00062003);
inline constexpr Guid PSETID_Address = office_property_set(0x00062004);
inline constexpr Guid PSETID_Meeting = {{0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10, 0x98, 0xDA,
                                         0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05}};

}  // namespace postern::mapi
#pragma GCC visibility pop
