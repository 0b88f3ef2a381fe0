# Everything that is built here is built on these, all of them packages of Debian 12 and 13
# (scripts/install-dependencies.sh installs them).
include(PosternDependency)
foreach(target
    Threads::Threads OpenSSL::SSL ZLIB::ZLIB CURL::libcurl Boost::headers ICU::uc ICU::i18n
    SQLite::SQLite3 SQLiteCpp CLI11::CLI11 nlohmann_json::nlohmann_json fmt::fmt PkgConfig::GSF
    PkgConfig::IDN2 mimetic::mimetic unbound::unbound)
  postern_find_dependency(${target} missing)
  if(missing)
    message(FATAL_ERROR "${missing}; scripts/install-dependencies.sh installs all that is needed")
  endif()
endforeach()
