// Real RTF and .msg files, against what independent readers found in them (FACTS.json `_about`).
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gsf/gsf-infile-msole.h>
#include <gsf/gsf-input-stdio.h>
#include <gsf/gsf-utils.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "base/text.h"
#include "mapi/compressed_rtf.h"
#include "mime/html/html.h"
#include "mime/rtf/body.h"

namespace postern::mime {
namespace {

namespace fs = std::filesystem;

const fs::path corpus = fs::path(POSTERN_SHARED_DIR) / "corpus";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The facts' rule: all white space, no-break spaces too, is one blank; none at the ends.
std::string normalised(std::string_view text) {
  std::string result;
  bool blank = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_no_break_space = text.substr(i, 2) == "\u00A0";
    if (is_no_break_space || std::string_view(" \t\r\n\v\f").find(text[i]) != std::string::npos) {
      if (is_no_break_space) ++i;
      blank = true;
      continue;
    }
    if (blank && !result.empty()) result += ' ';
    blank = false;
    result += text[i];
  }
  return result;
}

std::string sha256(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[digest[i] >> 4U];
    hex += digits[digest[i] & 0xFU];
  }
  return hex;
}

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Unref>;

/// A stream in the root storage; nullopt if the file or the stream is not there.
std::optional<std::string> root_stream(const fs::path& path, const char* name) {
  const Owned<GsfInput> file(gsf_input_stdio_new(path.c_str(), nullptr));
  if (!file) return std::nullopt;
  const Owned<GsfInfile> root(gsf_infile_msole_new(file.get(), nullptr));
  if (!root) return std::nullopt;
  const Owned<GsfInput> stream(gsf_infile_child_by_name(root.get(), name));
  if (!stream) return std::nullopt;
  std::string octets(static_cast<std::size_t>(gsf_input_size(stream.get())), '\0');
  if (octets.empty()) return octets;
  if (gsf_input_read(stream.get(), octets.size(), reinterpret_cast<guint8*>(octets.data())) ==
      nullptr) {
    return std::nullopt;
  }
  return octets;
}

class RtfCorpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(corpus / "rtf")) GTEST_SKIP() << "no corpus at " << corpus;
  }
};

TEST_F(RtfCorpus, EncapsulatedHtmlIsTheHtmlBesideIt) {
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(corpus / "rtf")) {
    if (entry.path().extension() != ".html") continue;
    const auto rtf = read_file(fs::path(entry.path()).replace_extension(".rtf"));
    EXPECT_EQ(rtf_kind(rtf), RtfKind::encapsulated_html) << entry.path();
    EXPECT_EQ(normalised(html_from_rtf(rtf)), normalised(read_file(entry.path()))) << entry.path();
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST_F(RtfCorpus, ContainersHoldTheRtfBesideThem) {
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(corpus / "rtf")) {
    if (entry.path().extension() != ".bin") continue;
    const auto octets = read_file(entry.path());
    const auto result = mapi::decompress_rtf(std::as_bytes(std::span(octets)));
    ASSERT_TRUE(result) << entry.path();
    EXPECT_TRUE(result->checksum_good) << entry.path();
    // The two differ in CR LF against LF CR between groups.
    EXPECT_EQ(normalised(result->rtf),
              normalised(read_file(fs::path(entry.path()).replace_extension(".rtf"))));
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST_F(RtfCorpus, KindsAreThoseOfTheManifest) {
  const std::map<std::string, RtfKind> kinds{{"encapsulated html", RtfKind::encapsulated_html},
                                             {"encapsulated text", RtfKind::encapsulated_text},
                                             {"rtf", RtfKind::rtf}};
  std::ifstream manifest(corpus / "rtf" / "MANIFEST.tsv");
  int compared = 0;
  for (std::string line; std::getline(manifest, line);) {
    std::vector<std::string> fields;
    std::istringstream row(line);
    for (std::string field; std::getline(row, field, '\t');) fields.push_back(field);
    if (fields.size() < 6 || !fields[0].ends_with(".rtf")) continue;
    // A template whose \\fromhtml1 is written with two backslashes, which makes it text.
    if (fields[0] == "rtfde-font_table_template.rtf") continue;
    EXPECT_EQ(rtf_kind(read_file(corpus / "rtf" / fields[0])), kinds.at(fields[5])) << fields[0];
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST_F(RtfCorpus, TextInManyScriptsIsDecoded) {
  const auto text = [](const char* name) {
    return normalised(text_from_rtf(read_file(corpus / "rtf" / name)));
  };
  EXPECT_EQ(text("rtf-stream-parser-cpg1200.rtf"),
            "Plain text body: ! < > \" ' € œ ¤ ´ ¼ ½ 𠜎 𩶘 😀");
  EXPECT_EQ(text("rtf-stream-parser-jis-test.rtf"),
            "WEBテキスト処理法 2004年5月18日 Martin J. Dürst (テュールスト マーティン ヤコブ)");
  EXPECT_EQ(text("rtfde-japanese_iso_2022.rtf"), "すみません。");
  EXPECT_EQ(text("rtfde-translated_by.rtf"), "ترجمة: سمير المجذوب");
  EXPECT_EQ(text("rtfde-theta.rtf"), "ф");
  EXPECT_EQ(text("rtfde-unicode_hh_replacement_01.rtf"), "😊 📞");
  EXPECT_EQ(text("rtfde-surrogate_pairs_02.rtf"), "😊");
}

/// Every .msg of the corpus with an RTF body and what is known of it.
class MsgCorpus : public testing::Test {
 protected:
  struct Body {
    std::string name;
    nlohmann::json facts;
    mapi::DecompressedRtf rtf;
  };

  static void SetUpTestSuite() {
    gsf_init();
    const auto quiet = [](const gchar*, GLogLevelFlags, const gchar*, gpointer) {};
    g_log_set_handler("libgsf:msole", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK), quiet,
                      nullptr);
  }

  void SetUp() override {
    const auto path = corpus / "msg" / "FACTS.json";
    if (!fs::exists(path)) GTEST_SKIP() << "no corpus at " << corpus;
    const auto all = nlohmann::json::parse(read_file(path)).at("files");
    for (const auto& [name, facts] : all.items()) {
      const auto stream = root_stream(corpus / "msg" / name, "__substg1.0_10090102");
      if (!stream) continue;
      auto rtf = mapi::decompress_rtf(std::as_bytes(std::span(*stream)));
      if (!rtf) {
        ADD_FAILURE() << name << ": not decompressed";
        continue;
      }
      // A file too broken for the reader that made the facts has no RTF in them.
      const auto recorded = facts.find("structure");
      if (recorded == facts.end() || !recorded->is_object() || !recorded->at("rtf").is_object()) {
        continue;
      }
      bodies_.push_back({name, facts, std::move(*rtf)});
    }
    EXPECT_GT(bodies_.size(), 100U);
  }

  std::vector<Body> bodies_;
};

TEST_F(MsgCorpus, RtfIsWhatOtherReadersFoundOctetByOctet) {
  for (const auto& body : bodies_) {
    EXPECT_TRUE(body.rtf.checksum_good) << body.name;
    const auto& structure = body.facts["structure"]["rtf"];
    // The digest is of all RAWSIZE octets; what we took off the end is one of these.
    const auto size = structure["bytes"].get<std::size_t>();
    ASSERT_GE(size, body.rtf.rtf.size()) << body.name;
    const auto missing = size - body.rtf.rtf.size();
    std::vector<std::string> digests;
    for (std::size_t nuls = 0; nuls <= missing; ++nuls) {
      std::string tail;
      while (tail.size() + nuls < missing) tail += tail.size() % 2 == 0 ? '\r' : '\n';
      digests.push_back(sha256(body.rtf.rtf + tail + std::string(nuls, '\0')));
    }
    EXPECT_THAT(digests, testing::Contains(structure["sha256"].get<std::string>())) << body.name;
    const auto& agreed = body.facts["rtf_sha256"]["value"];
    if (agreed.is_string()) {
      EXPECT_THAT(digests, testing::Contains(agreed.get<std::string>())) << body.name;
    }
  }
}

TEST_F(MsgCorpus, KindIsTheRecordedOne) {
  const std::map<std::string, RtfKind> kinds{{"encapsulated-html", RtfKind::encapsulated_html},
                                             {"encapsulated-text", RtfKind::encapsulated_text},
                                             {"rtf", RtfKind::rtf}};
  for (const auto& body : bodies_) {
    EXPECT_EQ(rtf_kind(body.rtf.rtf), kinds.at(body.facts["structure"]["rtf"]["kind"]))
        << body.name;
  }
}

TEST_F(MsgCorpus, HtmlIsRecoveredWholeAndOthersRecoverItToo) {
  for (const auto& body : bodies_) {
    if (rtf_kind(body.rtf.rtf) != RtfKind::encapsulated_html) continue;
    const auto html = html_from_rtf(body.rtf.rtf);
    EXPECT_TRUE(is_utf8(html)) << body.name;
    EXPECT_EQ(html.find("\uFFFD"), std::string::npos) << body.name;
    EXPECT_EQ(html.find("htmltag"), std::string::npos) << body.name;
    const auto has_end = [](std::string_view text) {
      return lower_case(text).find("</html>") != std::string::npos;
    };
    EXPECT_EQ(has_end(html), has_end(body.rtf.rtf)) << body.name;
    EXPECT_NE(body.facts["html_recoverable"]["value"], false) << body.name;
  }
}

/// Without blanks, which HTML has others of, and with one kind of bullets.
std::string letters(std::string_view text) {
  std::string result = normalised(text);
  std::erase(result, ' ');
  for (auto at = result.find("\u2022"); at != std::string::npos; at = result.find("\u2022")) {
    result.replace(at, std::string_view("\u2022").size(), "*");
  }
  return result;
}

TEST_F(MsgCorpus, HtmlOfTrueRtfSaysWhatItsTextSays) {
  int compared = 0;
  for (const auto& body : bodies_) {
    if (rtf_kind(body.rtf.rtf) != RtfKind::rtf) continue;
    const auto formatted = formatted_rtf(body.rtf.rtf, {});
    ASSERT_TRUE(formatted) << body.name;
    EXPECT_EQ(letters(text_from_html(formatted->html)), letters(text_from_rtf(body.rtf.rtf)))
        << body.name;
    EXPECT_EQ(formatted->pictures_lost + formatted->links_lost, 0U) << body.name;
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

/// The readers agree on PR_BODY mostly, which its writer may have made otherwise than we do from
/// HTML; of plain texts and of RTF without HTML there is but one reading.
TEST_F(MsgCorpus, TextIsWhatTheReadersAgreeOn) {
  const std::string two_different_bodies = "note-rtftext-outputattachments-out.msg";
  int html_compared = 0;
  int html_equal = 0;
  for (const auto& body : bodies_) {
    const auto arbitrated = body.facts.find("codepage_arbitration");
    const auto& agreed = arbitrated != body.facts.end() ? arbitrated->at("text_normalised")
                                                        : body.facts["text_normalised"]["value"];
    if (!agreed.is_object() || agreed["len"] == 0 || body.name == two_different_bodies) continue;
    const auto text = normalised(text_from_rtf(body.rtf.rtf));
    const bool is_equal = sha256(text) == agreed["sha256"].get<std::string>();
    if (rtf_kind(body.rtf.rtf) == RtfKind::encapsulated_html) {
      ++html_compared;
      html_equal += is_equal ? 1 : 0;
    } else {
      EXPECT_TRUE(is_equal) << body.name << ":\n" << text.substr(0, 300) << "\nagainst\n" << agreed;
    }
  }
  RecordProperty("html_compared", html_compared);
  RecordProperty("html_equal", html_equal);
  EXPECT_GT(html_equal, html_compared / 2);
}

}  // namespace
}  // namespace postern::mime
