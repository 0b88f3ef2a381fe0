// A node of the MIME tree that is going to be written (mapi-to-mime.md §5).
//
// mimetic's entity and ordered header are the model; the body is a source of octets and a transfer
// encoding instead of mimetic's string, so that no big content is held. Header values are given
// encoded (mime/header/header_encoding.h); control characters in them are removed. mimetic itself
// never writes or parses anything here (library-notes.md §2): the tree is read through const access
// only, and written by mime/tree/serializer.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mimetic/mimetic.h>

#include "mapi/content.h"
#include "mime/header_field.h"
#include "mime/octets/content_view.h"
#include "mime/octets/transfer_encoding.h"

namespace postern::mime {

class Entity final : public mimetic::MimeEntity {
 public:
  /// A part with content. `content_type` is the whole header value.
  static std::unique_ptr<Entity> leaf(std::string_view content_type, mapi::Content content,
                                      TransferEncoding encoding);
  /// A part whose Content-* headers come as they are, with a finished body.
  static std::unique_ptr<Entity> finished(const std::vector<HeaderField>& content_fields,
                                          CanonicalLines body);
  /// `content_type` without the boundary parameter.
  static std::unique_ptr<Entity> multipart(std::string_view content_type, std::string boundary);
  /// message/rfc822 around a message.
  static std::unique_ptr<Entity> embedded(std::unique_ptr<Entity> message);

  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  void add_field(HeaderField field);
  /// Puts the fields of a message before those of its content, which take precedence.
  void prepend_fields(std::vector<HeaderField> fields);
  void add_part(std::unique_ptr<Entity> part);
  /// For `outline`; the headers that carry it are added apart.
  void set_file_name(std::string_view file_name) { file_name_ = file_name; }

  [[nodiscard]] std::string_view media_type() const { return media_type_; }
  [[nodiscard]] std::string_view file_name() const { return file_name_; }
  [[nodiscard]] std::string_view boundary() const { return boundary_; }
  [[nodiscard]] bool is_multipart() const { return !boundary_.empty(); }
  [[nodiscard]] TransferEncoding encoding() const { return encoding_; }
  [[nodiscard]] const mapi::Content& content() const { return content_; }
  /// The line end of its content belongs to the delimiter that follows (RFC 2046 §5.1.1).
  [[nodiscard]] bool lends_line_end() const {
    return encoding_ == TransferEncoding::base64 || is_last_line_open_;
  }
  /// The children in their order: of a multipart its parts, of message/rfc822 the message.
  [[nodiscard]] std::vector<const Entity*> parts() const;
  /// This part or one below it has an 8bit body.
  [[nodiscard]] bool is_8bit() const { return encoding_ == TransferEncoding::eight_bit; }

 private:
  explicit Entity(std::string_view content_type);

  std::string media_type_;
  std::string file_name_;
  std::string boundary_;
  TransferEncoding encoding_ = TransferEncoding::seven_bit;
  bool is_last_line_open_ = false;
  mapi::Content content_;
};

}  // namespace postern::mime
