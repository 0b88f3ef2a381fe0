set(POSTERN_MIME_TEXT_TESTS
  html_test.cpp html_text_test.cpp rtf_body_test.cpp rtf_compressed_test.cpp rtf_text_test.cpp
  text_corpus_test.cpp text_hostile_test.cpp)
