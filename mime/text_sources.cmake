set(POSTERN_MIME_TEXT_SOURCES
  html.cpp html_entities.cpp html_text.cpp html_tokenizer.cpp link_target.cpp rtf_body.cpp
  rtf_compressed.cpp rtf_fonts.cpp rtf_reader.cpp rtf_text.cpp rtf_tokenizer.cpp rtf_words.cpp
  text_flow.cpp)
