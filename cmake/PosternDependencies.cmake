# What the libraries are built on: where each imported target comes from, what Debian calls it, and
# what a pkg-config file says to bring it along. The build uses this file, and so does the installed
# package, whose static libraries need the same things again.

# postern_dependency_facts(<target>) sets, for the caller, `package` (arguments of find_package, or
# empty), `debian` (the package to install) and `pkg_config` ("requires NAME" or "libs FLAGS").
function(postern_dependency_facts target)
  set(table
    "Threads::Threads|Threads|libc6-dev|libs -pthread"
    "OpenSSL::SSL|OpenSSL 3.0|libssl-dev|requires libssl"
    "OpenSSL::Crypto|OpenSSL 3.0|libssl-dev|requires libcrypto"
    "ZLIB::ZLIB|ZLIB|zlib1g-dev|requires zlib"
    "CURL::libcurl|CURL 7.88|libcurl4-openssl-dev|requires libcurl"
    "Boost::headers|Boost 1.81|libboost-dev (Debian 12: libboost1.81-dev)|"
    "ICU::uc|ICU 72 COMPONENTS uc i18n|libicu-dev|requires icu-uc"
    "ICU::i18n|ICU 72 COMPONENTS uc i18n|libicu-dev|requires icu-i18n"
    "SQLite::SQLite3|SQLite3 3.40|libsqlite3-dev|requires sqlite3"
    "SQLiteCpp|SQLiteCpp|libsqlitecpp-dev|libs -lSQLiteCpp"
    "CLI11::CLI11|CLI11|libcli11-dev|"
    "nlohmann_json::nlohmann_json|nlohmann_json 3.11|nlohmann-json3-dev|"
    "fmt::fmt|fmt 9|libfmt-dev|requires fmt"
    "PkgConfig::GMIME||libgmime-3.0-dev|requires gmime-3.0"
    "PkgConfig::GSF||libgsf-1-dev|requires libgsf-1"
    "PkgConfig::ICAL||libical-dev|requires libical"
    "PkgConfig::PQ||libpq-dev|requires libpq"
    "PkgConfig::IDN2||libidn2-dev|requires libidn2"
    "PkgConfig::JEMALLOC||libjemalloc-dev|requires jemalloc"
    "mimetic::mimetic||libmimetic-dev|libs -lmimetic"
    "unbound::unbound||libunbound-dev|libs -lunbound")
  foreach(row IN LISTS table)
    string(REPLACE "|" ";" columns "${row}")
    list(GET columns 0 name)
    if(name STREQUAL target)
      list(GET columns 1 package)
      list(GET columns 2 debian)
      list(GET columns 3 pkg_config)
      set(package "${package}" PARENT_SCOPE)
      set(debian "${debian}" PARENT_SCOPE)
      set(pkg_config "${pkg_config}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "${target} is not in the table of PosternDependencies.cmake")
endfunction()

# A library that comes without a file of its own for CMake or pkg-config.
function(postern_bare_library target header library)
  find_path(POSTERN_${library}_INCLUDE_DIR ${header})
  find_library(POSTERN_${library}_LIBRARY ${library})
  mark_as_advanced(POSTERN_${library}_INCLUDE_DIR POSTERN_${library}_LIBRARY)
  if(POSTERN_${library}_INCLUDE_DIR AND POSTERN_${library}_LIBRARY)
    add_library(${target} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES
      IMPORTED_LOCATION "${POSTERN_${library}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${POSTERN_${library}_INCLUDE_DIR}")
  endif()
endfunction()

# postern_find_dependency(<target> <why>): sets <why> to a sentence if the target cannot be had.
function(postern_find_dependency target why)
  set(${why} "" PARENT_SCOPE)
  if(TARGET ${target})
    return()
  endif()
  set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # whoever adds this project as a folder links them, too
  postern_dependency_facts(${target})
  if(package)
    string(REPLACE " " ";" arguments "${package}")
    find_package(${arguments} QUIET)
  elseif(target MATCHES "^PkgConfig::(.*)$")
    find_package(PkgConfig QUIET)
    string(REPLACE "requires " "" module "${pkg_config}")
    if(PkgConfig_FOUND)
      pkg_check_modules(${CMAKE_MATCH_1} QUIET IMPORTED_TARGET GLOBAL ${module})
    endif()
    if(TARGET PkgConfig::GMIME)
      # GMime's asks for -D_LARGEFILE64_SOURCE, which g++ and clang++ define for themselves; asked
      # for, it would forbid the precompiled header.
      set_target_properties(PkgConfig::GMIME PROPERTIES INTERFACE_COMPILE_OPTIONS "")
    endif()
  elseif(target STREQUAL "mimetic::mimetic")
    postern_bare_library(${target} mimetic/mimetic.h mimetic)
  elseif(target STREQUAL "unbound::unbound")
    # libunbound's file for pkg-config asks for libevent's, which only its other interface needs.
    postern_bare_library(${target} unbound.h unbound)
  endif()
  if(NOT TARGET ${target})
    if(NOT package)
      set(package "any version")
    endif()
    set(${why} "${target} is missing or too old (wanted: ${package}): install Debian's ${debian}" PARENT_SCOPE)
  endif()
endfunction()
