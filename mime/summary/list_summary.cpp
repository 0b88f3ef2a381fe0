// The members of a personal distribution list ([MS-OXOCNTC] 2.2.2).
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/header/header_encoding.h"
#include "mime/property/blob_reader.h"
#include "mime/property/named_property.h"
#include "mime/summary/summary.h"

namespace postern::mime {
namespace {

constexpr std::uint32_t PidLidDistributionListName = 0x8053;
constexpr std::uint32_t PidLidDistributionListOneOffMembers = 0x8054;
constexpr std::uint32_t PidLidDistributionListMembers = 0x8055;
constexpr std::uint32_t PidLidDistributionListStream = 0x8064;

using Entry = std::vector<std::byte>;

struct Member {
  Entry entry;    ///< where the member was chosen from
  Entry one_off;  ///< its name and address at that time
};

Entry entry_of(std::span<const std::byte> octets) {
  return {octets.begin(), octets.end()};
}

/// The count that a stream announces is not needed: its octets decide.
std::vector<Member> members_of_stream(std::span<const std::byte> stream) {
  constexpr std::size_t header_size = 28;
  BlobReader reader(stream);
  reader.take(header_size);
  std::vector<Member> members;
  while (reader.remaining() > 0) {
    Member member{entry_of(reader.block()), entry_of(reader.block())};
    reader.block();
    if (reader.failed() || (member.entry.empty() && member.one_off.empty())) break;
    members.push_back(std::move(member));
  }
  return members;
}

std::vector<Member> members_of(const mapi::Message& list) {
  using Entries = std::vector<mapi::Binary>;
  const auto* stream =
      find_named<mapi::Binary>(list, mapi::PSETID_Address, PidLidDistributionListStream);
  if (stream != nullptr && !stream->empty()) return members_of_stream(*stream);
  const auto entries =
      named_or<Entries>(list, mapi::PSETID_Address, PidLidDistributionListMembers, {});
  const auto one_offs =
      named_or<Entries>(list, mapi::PSETID_Address, PidLidDistributionListOneOffMembers, {});
  std::vector<Member> members(std::max(entries.size(), one_offs.size()));
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i < entries.size()) members[i].entry = entries[i];
    if (i < one_offs.size()) members[i].one_off = one_offs[i];
  }
  return members;
}

/// An entry may be a one-off itself, bare or wrapped as a member of a contact folder.
std::optional<mapi::Address> address_of(const Member& member) {
  constexpr std::size_t wrapping_size = 21;  // flags, provider, kind
  if (auto found = mapi::parse_one_off(member.one_off)) return found;
  if (auto found = mapi::parse_one_off(member.entry)) return found;
  if (member.entry.size() <= wrapping_size) return std::nullopt;
  return mapi::parse_one_off(entry_of(std::span(member.entry).subspan(wrapping_size)));
}

std::string member_line(const Member& member) {
  const auto found = address_of(member);
  if (!found) return "(a member whose name is not stored)";
  const auto name = one_line(found->display_name);
  const auto address =
      equals_ignoring_case(found->type, "EX") ? std::string() : one_line(found->address);
  if (address.empty() || name == address) return name.empty() ? address : name;
  return name.empty() ? address : name + " <" + address + '>';
}

}  // namespace

std::string list_summary(const mapi::Message& list) {
  const auto members = members_of(list);
  auto name =
      one_line(named_or<std::string>(list, mapi::PSETID_Address, PidLidDistributionListName, ""));
  if (name.empty()) name = one_line(list.get_or(mapi::PR_DISPLAY_NAME, ""));
  if (members.empty() && name.empty()) return {};
  auto text = "Distribution list" + (name.empty() ? "" : ": " + name) + "\r\n";
  if (!members.empty()) text += "Members:\r\n";
  for (const auto& member : members) text += "  " + member_line(member) + "\r\n";
  return text;
}

}  // namespace postern::mime
