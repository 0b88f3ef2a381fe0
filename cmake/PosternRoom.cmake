# One library target per room; scripts/check-includes.py holds them to the layering rule.

# Our presets ask for this. Elsewhere it is off: another compiler warns of other things, rightly or
# not, and that shall stop nobody's build.
option(POSTERN_WERROR "Treat warnings as errors" OFF)

add_library(postern_flags INTERFACE)
target_compile_features(postern_flags INTERFACE cxx_std_20)
target_include_directories(postern_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_compile_options(postern_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${POSTERN_WERROR}>:-Werror>
  # GCC 12 at -O2 takes comparisons of byte vectors for ones of half the address space.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>
  # It takes a source that was united with others (below) for a header.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
  # At -O3 it takes what std::string inserts for that long, or for a part of the string (PR 105329).
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-stringop-overflow;-Wno-restrict>")

# POSTERN_SANITIZE: "" | "address,undefined" | "thread" (see CMakePresets.json)
set(POSTERN_SANITIZE "" CACHE STRING "Sanitizers for every target")
if(POSTERN_SANITIZE)
  target_compile_options(postern_flags INTERFACE
    -fsanitize=${POSTERN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(postern_flags INTERFACE -fsanitize=${POSTERN_SANITIZE})
  # Instrumented, GCC 12 takes the moves of its own strings for copies out of bounds (PR 105651).
  target_compile_options(postern_flags INTERFACE
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow>")
  # Clang 14 cannot put what this check reads before a coroutine (LLVM issue 49689).
  target_compile_options(postern_flags INTERFACE
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  if(POSTERN_SANITIZE MATCHES address)
    target_compile_definitions(postern_flags INTERFACE POSTERN_ADDRESS_SANITIZER)
  endif()
  if(POSTERN_SANITIZE MATCHES thread)
    # GCC warns that fences (Asio has one) are not modelled; the locks beside them are.
    target_compile_options(postern_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

option(POSTERN_FUZZ "Build the fuzz targets, and everything with what they need (Clang)" OFF)
if(POSTERN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "POSTERN_FUZZ needs Clang: its compiler brings libFuzzer")
  endif()
  # CMake drops an option that an earlier list has given. SHELL: keeps these together, so that
  # -fno-sanitize=function stands behind the -fsanitize=undefined that would switch it on again.
  target_compile_options(postern_flags INTERFACE -O1
    "SHELL:-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-sanitize=function")
  target_link_options(postern_flags INTERFACE -fsanitize=address,undefined)
endif()

# What nearly every file includes is compiled once for all rooms, and once with GoogleTest for all
# tests, which are optimised otherwise.
set(POSTERN_PRECOMPILED <algorithm> <array> <atomic> <chrono> <cstdint> <filesystem> <fstream>
  <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string> <string_view>
  <thread> <utility> <variant> <vector>)
# Some packages ask for -pthread, and a header that was precompiled without it would not do there.
target_compile_options(postern_flags INTERFACE -pthread)
# The compiler's cache needs this: what GCC preprocesses must name the precompiled header, and what
# Clang precompiles must be the same each time.
target_compile_options(postern_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  "$<$<CXX_COMPILER_ID:Clang>:-fpch-instantiate-templates;SHELL:-Xclang -fno-pch-timestamp>")

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "")
add_library(postern_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(postern_precompiled PRIVATE postern_flags)
target_precompile_headers(postern_precompiled PRIVATE ${POSTERN_PRECOMPILED})

# With CMAKE_UNITY_BUILD (our presets) the sources of each folder are compiled as one, which takes a
# third of the time, since most of it goes into the headers of libraries. So no two sources of a
# folder may give different things one name. That each compiles by itself, scripts/tidy.py checks.
function(postern_unite_folders target)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "folder_${folder}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()

# postern_room(<name> [INTERNAL] SOURCES <files> [ROOMS <rooms>] [LIBRARIES <libraries>]
#              [PRECOMPILED <headers>])
# makes the library postern_<name>, also reachable as Postern::<name>. Rooms are part of the
# interface; libraries are an implementation matter. A room that is not INTERNAL is installed, a
# shared library if BUILD_SHARED_LIBS says so.
function(postern_room name)
  cmake_parse_arguments(ROOM "INTERNAL" "" "SOURCES;ROOMS;LIBRARIES;PRECOMPILED" ${ARGN})
  set(kind)
  if(ROOM_INTERNAL)
    set(kind STATIC)
  endif()
  add_library(postern_${name} ${kind} ${ROOM_SOURCES})
  add_library(Postern::${name} ALIAS postern_${name})
  target_compile_features(postern_${name} PUBLIC cxx_std_20)
  target_link_libraries(postern_${name} PRIVATE $<BUILD_INTERFACE:postern_flags>)
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(postern_${name} PUBLIC postern_${room})
  endforeach()
  set(linked)
  foreach(library IN LISTS ROOM_LIBRARIES)
    postern_dependency_facts(${library})
    if(pkg_config)
      target_link_libraries(postern_${name} PRIVATE ${library})
      list(APPEND linked ${library})
    else()  # headers, which nobody needs afterwards
      target_link_libraries(postern_${name} PRIVATE $<BUILD_INTERFACE:${library}>)
    endif()
  endforeach()
  if(ROOM_PRECOMPILED)
    target_precompile_headers(postern_${name} PRIVATE ${POSTERN_PRECOMPILED} ${ROOM_PRECOMPILED})
  else()
    target_precompile_headers(postern_${name} REUSE_FROM postern_precompiled)
  endif()
  postern_unite_folders(postern_${name})
  if(NOT ROOM_INTERNAL)
    postern_publish(${name} ROOMS ${ROOM_ROOMS} LIBRARIES ${linked})
  endif()
endfunction()

# What every test program is compiled with: optimised as the rooms are, they would take longer to
# build and test no more.
function(postern_test_options target)
  # Theirs is one precompiled header, for which all must be compiled alike, shared libraries or not.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_link_libraries(${target} PRIVATE postern_flags GTest::gmock GTest::gtest_main)
  target_compile_options(${target} PRIVATE
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-Og>)
endfunction()

# Links what looks into a room to its library, or, since a shared one shows the room's root only, to
# the objects and libraries that this is made of.
function(postern_link_inside target room)
  get_target_property(type postern_${room} TYPE)
  get_target_property(sources postern_${room} SOURCES)
  if(type STREQUAL SHARED_LIBRARY AND sources MATCHES "/")
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:postern_${room}>)
    get_target_property(libraries postern_${room} LINK_LIBRARIES)
    target_link_libraries(${target} PRIVATE ${libraries})
  else()
    target_link_libraries(${target} PRIVATE postern_${room})
  endif()
endfunction()

# postern_test(<room> [LABEL <label>] SOURCES <files> [LIBRARIES <libraries>])
# makes the test program <room>_test, a part of the target unit_tests; every case is a CTest test
# <room>.<Suite>.<Case>. Under a sanitizer, where each start of the program takes as long as a case,
# a share of the cases is one: <room>.<number>.
function(postern_test room)
  cmake_parse_arguments(TEST "" "LABEL" "SOURCES;LIBRARIES" ${ARGN})
  set(labels unit ${TEST_LABEL})
  add_executable(${room}_test ${TEST_SOURCES})
  postern_unite_folders(${room}_test)
  if(TARGET postern_${room})
    postern_link_inside(${room}_test ${room})
  endif()
  target_link_libraries(${room}_test PRIVATE ${TEST_LIBRARIES})
  postern_test_options(${room}_test)
  target_compile_definitions(${room}_test PRIVATE
    POSTERN_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared"
    POSTERN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_precompile_headers(${room}_test REUSE_FROM postern_test_precompiled)
  add_dependencies(unit_tests ${room}_test)
  if(NOT POSTERN_SANITIZE)
    gtest_discover_tests(${room}_test TEST_PREFIX ${room}. NO_PRETTY_VALUES
      DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 300)
    if(TEST_LABEL)  # it takes one label only
      file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/labels.cmake
        "set_tests_properties(\${${room}_test_TESTS} PROPERTIES LABELS \"${labels}\")\n")
      set_property(DIRECTORY APPEND PROPERTY
        TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/labels.cmake)
    endif()
    return()
  endif()
  set(shares 4)
  foreach(share RANGE 1 ${shares})
    math(EXPR index "${share} - 1")
    add_test(NAME ${room}.${share} COMMAND ${room}_test --gtest_brief=1)
    set_tests_properties(${room}.${share} PROPERTIES LABELS "${labels}" TIMEOUT 600
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${shares};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()
