#include "mime/card/card.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/calendar/content_line.h"
#include "mime/header/header_encoding.h"
#include "mime/property/named_property.h"
#include "mime/property/time_text.h"

namespace postern::mime {
namespace {

using TextTag = mapi::Tag<mapi::PropertyType::unicode>;

constexpr TextTag PR_GENERATION{0x3A05};
constexpr TextTag PR_GIVEN_NAME{0x3A06};
constexpr TextTag PR_SURNAME{0x3A11};
constexpr TextTag PR_COMPANY_NAME{0x3A16};
constexpr TextTag PR_TITLE{0x3A17};
constexpr TextTag PR_DEPARTMENT_NAME{0x3A18};
constexpr mapi::Tag<mapi::PropertyType::system_time> PR_BIRTHDAY{0x3A42};
constexpr TextTag PR_MIDDLE_NAME{0x3A44};
constexpr TextTag PR_DISPLAY_NAME_PREFIX{0x3A45};
constexpr TextTag PR_PROFESSION{0x3A46};
constexpr TextTag PR_NICKNAME{0x3A4F};

// PSETID_Address
constexpr std::uint32_t PidLidFileUnder = 0x8005;
constexpr std::uint32_t PidLidBirthdayLocal = 0x80DE;
/// The first of each address's properties; the others have the offsets below.
constexpr std::array<std::uint32_t, 3> first_of_email{0x8080, 0x8090, 0x80A0};
constexpr std::uint32_t email_address_offset = 3;
constexpr std::uint32_t original_display_name_offset = 4;
constexpr std::uint32_t original_entry_offset = 5;

std::string text_of(const mapi::Message& contact, std::uint16_t id) {
  return std::string(trim(contact.get_or(TextTag{id}, "")));
}

std::string named_text(const mapi::Message& contact, std::uint32_t number) {
  return std::string(
      trim(contact.get_text(mapi::PropertyName{mapi::PSETID_Address, number}).value_or("")));
}

std::optional<std::string> email_of(const mapi::Message& contact, std::uint32_t first) {
  std::vector<std::string> candidates{named_text(contact, first + email_address_offset)};
  const auto* entry =
      find_named<mapi::Binary>(contact, mapi::PSETID_Address, first + original_entry_offset);
  const auto one_off = entry == nullptr ? std::nullopt : mapi::parse_one_off(*entry);
  if (one_off) candidates.push_back(one_off->address);
  candidates.push_back(named_text(contact, first + original_display_name_offset));
  for (const auto& candidate : candidates) {
    if (auto address = mapi::wire_address(candidate)) return address;
  }
  return std::nullopt;
}

std::vector<std::string> emails(const mapi::Message& contact) {
  std::vector<std::string> found;
  for (const auto first : first_of_email) {
    if (auto address = email_of(contact, first)) found.push_back(std::move(*address));
  }
  return found;
}

/// The components, each escaped, with semicolons between; empty if all are.
std::string structured(const std::vector<std::string>& components) {
  const bool is_empty = std::all_of(components.begin(), components.end(),
                                    [](const auto& each) { return each.empty(); });
  std::string value;
  for (std::size_t i = 0; i < components.size() && !is_empty; ++i) {
    if (i > 0) value += ';';
    value += escaped_text(components[i]);
  }
  return value;
}

class CardLines {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      append_content_line(text_, std::string(name) + ':' + std::string(value));
    }
  }
  void add_text(std::string_view name, std::string_view text) {
    add(name, escaped_text(trim(text)));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

struct Telephone {
  std::uint16_t id;
  std::string_view types;
};
constexpr std::array<Telephone, 16> telephones{{{0x3A08, "WORK,VOICE"},
                                                {0x3A1B, "WORK,VOICE"},
                                                {0x3A57, "WORK,VOICE"},
                                                {0x3A09, "HOME,VOICE"},
                                                {0x3A2F, "HOME,VOICE"},
                                                {0x3A1C, "CELL,VOICE"},
                                                {0x3A1E, "CAR,VOICE"},
                                                {0x3A1A, "PREF,VOICE"},
                                                {0x3A1F, "VOICE"},
                                                {0x3A02, "VOICE"},
                                                {0x3A1D, "VOICE"},
                                                {0x3A21, "PAGER"},
                                                {0x3A2D, "ISDN"},
                                                {0x3A24, "WORK,FAX"},
                                                {0x3A25, "HOME,FAX"},
                                                {0x3A23, "FAX"}}};

void add_telephones(CardLines& card, const mapi::Message& contact) {
  for (const auto& row : telephones) {
    card.add_text("TEL;TYPE=" + std::string(row.types), text_of(contact, row.id));
  }
}

void add_emails(CardLines& card, const mapi::Message& contact) {
  std::string name = "EMAIL;TYPE=INTERNET,PREF";
  for (const auto& address : emails(contact)) {
    card.add_text(name, address);
    name = "EMAIL;TYPE=INTERNET";
  }
}

/// Post office box, street, place, region, postal code, country.
using AddressIds = std::array<std::uint16_t, 6>;

std::string postal_address(const std::array<std::string, 6>& part) {
  return structured({part[0], "", part[1], part[2], part[3], part[4], part[5]});
}

std::string postal_address(const mapi::Message& contact, const AddressIds& ids) {
  std::array<std::string, 6> parts;
  std::transform(ids.begin(), ids.end(), parts.begin(),
                 [&contact](std::uint16_t id) { return text_of(contact, id); });
  return postal_address(parts);
}

/// PidLidWorkAddressPostOfficeBox, …Street, …City, …State, …PostalCode, …Country.
std::string work_address(const mapi::Message& contact) {
  constexpr std::array<std::uint32_t, 6> numbers{0x804A, 0x8045, 0x8046, 0x8047, 0x8048, 0x8049};
  std::array<std::string, 6> parts;
  std::transform(numbers.begin(), numbers.end(), parts.begin(),
                 [&contact](std::uint32_t number) { return named_text(contact, number); });
  return postal_address(parts);
}

void add_postal_addresses(CardLines& card, const mapi::Message& contact) {
  constexpr AddressIds business{0x3A2B, 0x3A29, 0x3A27, 0x3A28, 0x3A2A, 0x3A26};
  constexpr AddressIds home{0x3A5E, 0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A};
  constexpr AddressIds other{0x3A64, 0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60};
  const auto work = work_address(contact);
  card.add("ADR;TYPE=WORK", work.empty() ? postal_address(contact, business) : work);
  card.add("ADR;TYPE=HOME", postal_address(contact, home));
  card.add("ADR;TYPE=POSTAL", postal_address(contact, other));
}

/// A URI as it may stand in a line: what is not printable ASCII is percent-encoded.
std::string uri(std::string_view text) {
  std::string result;
  for (const char c : one_line(text)) {
    if (c > ' ' && c < 0x7F) {
      result += c;
    } else {
      result += '%';
      append_hex(result, c);
    }
  }
  return result;
}

/// A date is stored as midnight, by the clock of UTC or of whoever stored it.
std::string birthday(const mapi::Message& contact) {
  using namespace std::chrono;
  const auto* local =
      find_named<mapi::FileTime>(contact, mapi::PSETID_Address, PidLidBirthdayLocal);
  const auto time = local != nullptr ? std::optional(*local) : contact.get(PR_BIRTHDAY);
  if (!time || time->is_none()) return {};
  const year_month_day date{floor<days>(sys_seconds{seconds{time->unix_seconds()}} + hours{12})};
  const auto year = static_cast<int>(date.year());
  if (year <= 1601 || year > 4500) return {};
  return shown_date(date);
}

std::string categories(const mapi::Message& contact) {
  const auto* value =
      contact.find(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, std::string("Keywords")});
  const auto* list = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  std::string text;
  if (list == nullptr) return text;
  for (const auto& each : *list) {
    if (!trim(each).empty()) text.append(text.empty() ? "" : ",").append(escaped_text(trim(each)));
  }
  return text;
}

}  // namespace

std::string contact_name(const mapi::Message& contact) {
  auto given = one_line(contact.get_or(PR_GIVEN_NAME, ""));
  const auto surname = one_line(contact.get_or(PR_SURNAME, ""));
  if (!given.empty() && !surname.empty()) given += ' ';
  const auto addresses = emails(contact);
  for (const auto& candidate :
       {text_of(contact, mapi::PR_DISPLAY_NAME.id), given + surname,
        named_text(contact, PidLidFileUnder), text_of(contact, PR_COMPANY_NAME.id),
        addresses.empty() ? "" : addresses.front(), text_of(contact, mapi::PR_SUBJECT.id)}) {
    auto name = one_line(candidate);
    if (!trim(name).empty()) return name;
  }
  return "Contact";
}

std::string contact_summary(const mapi::Message& contact) {
  std::string text;
  const auto add = [&text](std::string_view label, std::string_view value) {
    const auto line = one_line(value);
    if (!line.empty()) text.append(label).append(": ").append(line).append("\r\n");
  };
  add("Contact", contact_name(contact));
  add("Company", text_of(contact, PR_COMPANY_NAME.id));
  add("Title", text_of(contact, PR_TITLE.id));
  for (const auto& address : emails(contact)) add("E-mail", address);
  for (const auto& row : telephones) add("Telephone", text_of(contact, row.id));
  return text;
}

std::string card_text(const mapi::Message& contact, std::string_view note) {
  CardLines card;
  const auto text = [&contact](TextTag tag) { return text_of(contact, tag.id); };
  card.add("BEGIN", "VCARD");
  card.add("VERSION", "3.0");
  const auto name = structured({text(PR_SURNAME), text(PR_GIVEN_NAME), text(PR_MIDDLE_NAME),
                                text(PR_DISPLAY_NAME_PREFIX), text(PR_GENERATION)});
  card.add("N", name.empty() ? ";;;;" : name);
  card.add_text("FN", contact_name(contact));
  card.add_text("NICKNAME", text(PR_NICKNAME));
  const auto department = text(PR_DEPARTMENT_NAME);
  card.add("ORG", department.empty() ? escaped_text(text(PR_COMPANY_NAME))
                                     : structured({text(PR_COMPANY_NAME), department}));
  card.add_text("TITLE", text(PR_TITLE));
  card.add_text("ROLE", text(PR_PROFESSION));
  add_telephones(card, contact);
  add_emails(card, contact);
  add_postal_addresses(card, contact);
  card.add("URL;TYPE=WORK", uri(text_of(contact, 0x3A51)));
  card.add("URL;TYPE=HOME", uri(text_of(contact, 0x3A50)));
  card.add("BDAY", birthday(contact));
  card.add("CATEGORIES", categories(contact));
  card.add_text("NOTE", note);
  card.add("END", "VCARD");
  return card.take();
}

}  // namespace postern::mime
