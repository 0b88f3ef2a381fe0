#include "mime/tree/entity.h"

#include <algorithm>

#include "base/text.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

/// The value as it goes into a header: on one line, no blanks around it.
std::string header_value(std::string value) {
  if (!is_printable_ascii(value)) value = one_line(value);
  if (trim(value).size() != value.size()) value = trim(value);
  return value;
}

}  // namespace

Entity::Entity(std::string_view content_type)
    : media_type_(trim(content_type.substr(0, content_type.find(';')))) {}

std::unique_ptr<Entity> Entity::leaf(std::string_view content_type, mapi::Content content,
                                     TransferEncoding encoding) {
  std::unique_ptr<Entity> entity(new Entity(content_type));
  entity->content_ = std::move(content);
  entity->encoding_ = encoding;
  entity->add_field({"Content-Type", std::string(content_type)});
  entity->add_field({"Content-Transfer-Encoding", std::string(name(encoding))});
  return entity;
}

std::unique_ptr<Entity> Entity::finished(const std::vector<HeaderField>& content_fields,
                                         CanonicalLines body) {
  const auto type = std::find_if(
      content_fields.begin(), content_fields.end(),
      [](const HeaderField& field) { return equals_ignoring_case(field.name, "Content-Type"); });
  std::unique_ptr<Entity> entity(
      new Entity(type == content_fields.end() ? std::string_view("text/plain") : type->value));
  entity->content_ = std::move(body.content);
  entity->is_last_line_open_ = body.facts.is_last_line_open;
  if (body.facts.has_8bit) entity->encoding_ = TransferEncoding::eight_bit;
  for (const auto& field : content_fields) entity->add_field(field);
  return entity;
}

std::unique_ptr<Entity> Entity::multipart(std::string_view content_type, std::string boundary) {
  std::unique_ptr<Entity> entity(new Entity(content_type));
  entity->boundary_ = std::move(boundary);
  entity->add_field(
      {"Content-Type", std::string(content_type) + "; boundary=\"" + entity->boundary_ + '"'});
  return entity;
}

std::unique_ptr<Entity> Entity::embedded(std::unique_ptr<Entity> message) {
  std::unique_ptr<Entity> entity(new Entity("message/rfc822"));
  entity->add_field({"Content-Type", "message/rfc822"});
  entity->add_part(std::move(message));
  return entity;
}

void Entity::add_field(HeaderField field) {
  header().emplace_back(std::move(field.name), header_value(std::move(field.value)));
}

void Entity::prepend_fields(std::vector<HeaderField> fields) {
  const mimetic::Header& own = header();
  std::erase_if(fields, [&own](const HeaderField& field) {
    return std::ranges::any_of(own, [&field](const mimetic::Field& of_content) {
      const auto& name = of_content.name();
      return equals_ignoring_case({name.data(), name.size()}, field.name);
    });
  });
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    header().emplace_front(std::move(field->name), header_value(std::move(field->value)));
  }
}

void Entity::add_part(std::unique_ptr<Entity> part) {
  // RFC 2045 §6.4: a composite that holds 8bit is 8bit itself.
  if (part->is_8bit() && !is_8bit()) {
    encoding_ = TransferEncoding::eight_bit;
    add_field({"Content-Transfer-Encoding", std::string(name(encoding_))});
  }
  body().parts().push_back(part.release());  // mimetic's body deletes its parts
}

std::vector<const Entity*> Entity::parts() const {
  std::vector<const Entity*> result;
  for (const auto* part : body().parts()) result.push_back(static_cast<const Entity*>(part));
  return result;
}

}  // namespace postern::mime
