#include "mime/attachment/ole_object.h"

#include <gmock/gmock.h>
#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-output-memory.h>
#include <gsf/gsf-utils.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/losses.h"
#include "tests/mime/mail.h"
#include "tests/mime/ole_octets.h"
#include "tests/mime/support.h"

namespace postern::mime {

std::string compound_file(const std::map<std::string, std::string>& streams) {
  gsf_init();
  GsfOutput* memory = gsf_output_memory_new();
  GsfOutfile* file = gsf_outfile_msole_new(memory);
  for (const auto& [name, octets] : streams) {
    GsfOutput* stream = gsf_outfile_new_child(file, name.c_str(), FALSE);
    gsf_output_write(stream, octets.size(), reinterpret_cast<const guint8*>(octets.data()));
    gsf_output_close(stream);
    g_object_unref(stream);
  }
  gsf_output_close(GSF_OUTPUT(file));
  const auto* const octets = gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory));
  std::string result(reinterpret_cast<const char*>(octets),
                     static_cast<std::size_t>(gsf_output_size(memory)));
  g_object_unref(file);
  g_object_unref(memory);
  return result;
}

std::string number(std::uint32_t value) {
  std::string octets;
  for (unsigned shift = 0; shift < 32; shift += 8) octets += static_cast<char>(value >> shift);
  return octets;
}

std::string presentation(std::uint32_t format, const std::string& data, const std::string& device) {
  return number(0xFFFFFFFF) + number(format) +
         number(static_cast<std::uint32_t>(device.size() + 4)) + device + number(1) +
         number(0xFFFFFFFF) + number(2) + number(0) + number(100) + number(100) +
         number(static_cast<std::uint32_t>(data.size())) + data + std::string(18, '\0');
}

namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Streams = std::map<std::string, std::string>;

const std::string png = "\x89PNG\r\n\x1A\n" + random_octets(7, 5000);

std::optional<OleFile> file_in(const Streams& streams) {
  return file_in_ole_object(mapi::Content::from_text(compound_file(streams)));
}

std::string wide(std::string_view ascii) {
  std::string octets;
  for (const char c : ascii) octets += {c, '\0'};
  return octets;
}

std::string package(const std::string& label, const std::string& data, const std::string& tail) {
  const auto body = "\x02\0"s + label + "\0C:\\from\\"s + label + "\0"s + number(0x00030000) +
                    number(7) + "C:\\tmp\0"s + number(static_cast<std::uint32_t>(data.size())) +
                    data + tail;
  return number(static_cast<std::uint32_t>(body.size())) + body;
}

/// 1 pixel in 24 bits.
const std::string dib = number(40) + number(1) + number(1) + "\x01\0\x18\0"s + number(0) +
                        number(4) + std::string(16, '\0') + "\x01\x02\x03\0"s;
const std::string metafile = "\x01\0\x09\0\0\x03"s + std::string(20, 'w');
const std::string enhanced_metafile =
    number(1) + number(108) + std::string(32, '\0') + " EMF" + std::string(60, 'e');

TEST(OleObject, AWholeFileInContentsOrPackageIsTaken) {
  const auto picture = file_in({{"CONTENTS", png}, {"\x02OlePres000", presentation(8, dib)}});
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->media_type, "image/png");
  EXPECT_EQ(octets_of(picture->content), png);
  EXPECT_FALSE(picture->is_only_picture);
  const auto document = "PK\x03\x04" + std::string(30, '.') + "word/document.xml";
  const auto word = file_in({{"Package", document}});
  ASSERT_TRUE(word);
  EXPECT_EQ(word->media_type,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  EXPECT_EQ(octets_of(word->content), document);
  EXPECT_EQ(file_in({{"contents", "%PDF-1.4"}})->media_type, "application/pdf");
}

TEST(OleObject, AnUnknownStreamIsNoFile) {
  EXPECT_FALSE(file_in({{"CONTENTS", "anything"}, {"Package", ""}, {"\x01Ole10Native", ""}}));
  EXPECT_FALSE(file_in({{"WordDocument", png}}));
  EXPECT_FALSE(file_in_ole_object({}));
  EXPECT_FALSE(file_in_ole_object(mapi::Content::from_text("no compound file")));
}

TEST(OleObject, APackedFileHasItsNameAndData) {
  const auto data = random_octets(3, 100'000);
  const auto native = package("C:\\x\\B\xE4r.txt", data, "");
  const auto file =
      file_in({{"\x01Ole10Native", native}, {"\x02OlePres000", presentation(3, metafile)}});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->name, "B\xC3\xA4r.txt");
  EXPECT_EQ(octets_of(file->content), data);
  EXPECT_FALSE(file->is_only_picture);
}

TEST(OleObject, ThePathOfAPackagersCopyMayHaveNoLength) {
  for (const auto* path : {"C:\\tmp", ""}) {
    const auto body =
        "\x02\0n.txt\0C:\\n.txt\0"s + number(3) + number(0) + path + "\0"s + number(4) + "data";
    const auto file =
        file_in({{"\x01Ole10Native", number(static_cast<std::uint32_t>(body.size())) + body}});
    ASSERT_TRUE(file) << path;
    EXPECT_EQ(octets_of(file->content), "data");
  }
}

TEST(OleObject, ThePackagersUnicodeLabelIsPreferred) {
  const auto tail = number(3) + wide("tmp") + number(8) + wide("name.txt") + number(1) + wide("s");
  EXPECT_EQ(file_in({{"\x01Ole10Native", package("NAME~1.TXT", "data", tail)}})->name, "name.txt");
  for (const auto& damaged : {number(0xFFFFFFFF), number(3) + wide("tmp") + number(0x7FFFFFFF)}) {
    EXPECT_EQ(file_in({{"\x01Ole10Native", package("NAME~1.TXT", "data", damaged)}})->name,
              "NAME~1.TXT");
  }
}

TEST(OleObject, NativeDataMayBeAFileByItself) {
  const auto file =
      file_in({{"\x01Ole10Native", number(static_cast<std::uint32_t>(png.size())) + png + "rest"}});
  ASSERT_TRUE(file);
  EXPECT_EQ(octets_of(file->content), png);
  EXPECT_EQ(file->media_type, "image/png");
}

TEST(OleObject, OfAPresentationThePictureIsTaken) {
  const auto bitmap = file_in({{"\x02OlePres000", presentation(8, dib, "a device")}});
  ASSERT_TRUE(bitmap);
  EXPECT_EQ(bitmap->media_type, "image/bmp");
  EXPECT_TRUE(bitmap->is_only_picture);
  EXPECT_EQ(octets_of(bitmap->content), "BM" + number(static_cast<std::uint32_t>(dib.size()) + 14) +
                                            number(0) + number(54) + dib);
  const auto wmf = file_in({{"\x02OlePres000", presentation(3, metafile)}});
  ASSERT_TRUE(wmf);
  EXPECT_EQ(wmf->media_type, "image/x-wmf");
  EXPECT_EQ(octets_of(wmf->content), metafile);
  const auto emf = file_in({{"\x02OlePres000", presentation(14, enhanced_metafile)}});
  ASSERT_TRUE(emf);
  EXPECT_EQ(emf->media_type, "image/x-emf");
  EXPECT_EQ(octets_of(emf->content), enhanced_metafile);
}

TEST(OleObject, MetafileStreamsMayHaveASmallHeader) {
  const auto wmf = file_in({{"\x03META", "\x08\0\x64\0\x64\0\0\0"s + metafile}});
  ASSERT_TRUE(wmf);
  EXPECT_EQ(octets_of(wmf->content), metafile);
  EXPECT_EQ(octets_of(file_in({{"\x03"
                                "EMF",
                                enhanced_metafile}})
                          ->content),
            enhanced_metafile);
  EXPECT_TRUE(wmf->is_only_picture);
}

TEST(OleObject, ABitmapsColorsStandBeforeItsPixels) {
  const auto with = [](std::uint32_t header, const std::string& planes_and_depth,
                       std::uint32_t compression, std::uint32_t used, std::size_t rest) {
    auto octets = number(header) + number(1) + number(1) + planes_and_depth + number(compression) +
                  std::string(12, '\0') + number(used) + number(0);
    return octets + std::string(rest, 'p');
  };
  const auto offset = [](const std::string& octets) -> std::string {
    const auto file = file_in({{"CONTENTS", octets}});
    return file ? octets_of(file->content).substr(10, 4) : "";
  };
  EXPECT_EQ(offset(with(40, "\x01\0\x08\0"s, 0, 0, 2000)), number(54 + 1024));
  EXPECT_EQ(offset(with(40, "\x01\0\x08\0"s, 0, 10, 2000)), number(54 + 40));
  EXPECT_EQ(offset(with(40, "\x01\0\x20\0"s, 3, 0, 2000)), number(54 + 12));
  EXPECT_EQ(offset(with(40, "\x01\0\x08\0"s, 0, 0xFFFFFFFF, 2000)), "");
  EXPECT_EQ(offset(with(40, "\x02\0\x08\0"s, 0, 0, 2000)), "");
  EXPECT_EQ(offset(with(40, "\x01\0\x07\0"s, 0, 0, 2000)), "");
  EXPECT_EQ(offset(with(41, "\x01\0\x08\0"s, 0, 0, 2000)), "");
}

TEST(OleObject, NoSizeInItIsBelieved) {
  for (const auto& [name, whole] :
       Streams{{"\x01Ole10Native", package("name.txt", "data", number(1) + wide("t"))},
               {"\x02OlePres000", presentation(8, dib, "device")}}) {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const auto file = file_in({{name, whole.substr(0, size)}});
      if (!file) continue;
      EXPECT_EQ(octets_of(file->content).size(), file->content.size());
    }
    for (std::size_t at = 0; at + 4 <= whole.size(); ++at) {
      auto octets = whole;
      octets.replace(at, 4, "\xFF\xFF\xFF\xFF");
      const auto file = file_in({{name, octets}});
      if (!file) continue;
      EXPECT_EQ(octets_of(file->content).size(), file->content.size());
    }
  }
}

class OleAttachment : public testing::Test {
 protected:
  void attach(const std::string& octets) {
    mapi::Attachment attachment;
    attachment.set(mapi::PR_ATTACH_METHOD, 6);
    attachment.set(mapi::PR_DISPLAY_NAME, "A sheet");
    attachment.data = mapi::Content::from_text(octets);
    message_.attachments = {attachment};
  }
  nlohmann::json part() { return parsed(composed(message_))["parts"][1]; }
  std::vector<std::string> told() { return sentences(compose(message_, fixed_options()).losses); }

  mapi::Message message_ = simple_message();
};

TEST_F(OleAttachment, IsSentAsTheFileInIt) {
  attach(compound_file({{"CONTENTS", png}}));
  EXPECT_EQ(part()["type"], "image/png");
  EXPECT_EQ(part()["filename"], "A sheet.png");
  EXPECT_EQ(content(part()), png);
  EXPECT_THAT(told(), IsEmpty());
  attach(compound_file({{"\x01Ole10Native", package("b.pdf", "data", "")}}));
  EXPECT_EQ(part()["type"], "application/pdf");
  EXPECT_EQ(part()["filename"], "b.pdf");
}

TEST_F(OleAttachment, IsSentAsItsPictureIfThereIsNoFile) {
  attach(compound_file({{"\x02OlePres000", presentation(3, metafile)}}));
  EXPECT_EQ(part()["filename"], "A sheet.wmf");
  EXPECT_THAT(told(), ElementsAre(HasSubstr("only its picture")));
}

TEST_F(OleAttachment, IsSentWholeIfNothingInItIsKnown) {
  const auto file = compound_file({{"WordDocument", "x"}});
  attach(file);
  EXPECT_EQ(part()["type"], "application/x-ole-storage");
  EXPECT_EQ(part()["filename"], "A sheet.ole");
  EXPECT_EQ(content(part()), file);
  EXPECT_THAT(told(), ElementsAre(HasSubstr("compound file")));
}

TEST_F(OleAttachment, ThatIsNoCompoundFileIsSentAsItIs) {
  attach("an OLE 1 object");
  EXPECT_EQ(part()["type"], "application/octet-stream");
  EXPECT_EQ(content(part()), "an OLE 1 object");
  attach("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and nothing more");
  EXPECT_EQ(part()["filename"], "A sheet.ole");
}

}  // namespace
}  // namespace postern::mime
