# Installs the libraries with what others find them by: headers below include/postern, files for
# find_package(Postern COMPONENTS ...) and for pkg-config, and a target that takes it all away again.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(POSTERN_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Postern)

# Libraries may call each other's functions from other files only through the headers at the root of
# a room, which say what is visible; everything else is hidden in a shared library.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# Shared libraries are found, by the program and by each other, wherever the whole was moved.
if(BUILD_SHARED_LIBS)
  file(RELATIVE_PATH libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set(CMAKE_INSTALL_RPATH "\$ORIGIN;\$ORIGIN/${libraries}")
endif()

# The first thing an installation does: it notes for `uninstall` which folders it will make.
if(PROJECT_IS_TOP_LEVEL)
  set(folders ${CMAKE_INSTALL_BINDIR} ${CMAKE_INSTALL_LIBDIR}/pkgconfig ${POSTERN_PACKAGE_DIR}
    ${CMAKE_INSTALL_INCLUDEDIR}/postern)
  install(CODE "set(NOTE \"${PROJECT_BINARY_DIR}/install_folders.txt\")
    set(FOLDERS \"${folders}\")
    include(\"${PROJECT_SOURCE_DIR}/cmake/NoteFolders.cmake\")")
endif()

# postern_publish(<room> ROOMS <rooms> LIBRARIES <libraries>)
# makes a room's library a component of the package.
function(postern_publish name)
  cmake_parse_arguments(PUBLISH "" "" "ROOMS;LIBRARIES" ${ARGN})
  set_target_properties(postern_${name} PROPERTIES
    EXPORT_NAME ${name}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(BUILD_SHARED_LIBS)
    set(map ${PROJECT_SOURCE_DIR}/cmake/Exported.map)
    target_link_options(postern_${name} PRIVATE -Wl,--version-script=${map}
      $<$<NOT:$<BOOL:${POSTERN_SANITIZE}>>:-Wl,--no-undefined>)
    set_property(TARGET postern_${name} PROPERTY LINK_DEPENDS ${map})
  endif()
  target_include_directories(postern_${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  set_property(GLOBAL APPEND PROPERTY POSTERN_PUBLIC_HEADERS ${headers})
  set_property(GLOBAL APPEND PROPERTY POSTERN_COMPONENTS ${name})
  set_property(GLOBAL PROPERTY POSTERN_ROOMS_OF_${name} ${PUBLISH_ROOMS})
  set_property(GLOBAL PROPERTY POSTERN_LIBRARIES_OF_${name} ${PUBLISH_LIBRARIES})
  install(TARGETS postern_${name} EXPORT Postern-${name}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT Postern-${name} NAMESPACE Postern:: FILE PosternTargets-${name}.cmake
    DESTINATION ${POSTERN_PACKAGE_DIR})
endfunction()

# The public headers as others include them, <postern/smtp/client.h>: copies below include/ of the
# build folder, in which rooms' names have "postern/" in front.
include(${CMAKE_CURRENT_LIST_DIR}/PublicHeaderName.cmake)
function(postern_add_public_headers)
  get_property(headers GLOBAL PROPERTY POSTERN_PUBLIC_HEADERS)
  set(stamp ${PROJECT_BINARY_DIR}/include/headers.stamp)
  set(script ${PROJECT_SOURCE_DIR}/cmake/PublicHeaders.cmake)
  # Named, so that whatever includes a copy is compiled again in the build that has changed it.
  set(copies)
  foreach(header IN LISTS headers)
    postern_public_header_name(${PROJECT_SOURCE_DIR} ${header} name)
    list(APPEND copies ${PROJECT_BINARY_DIR}/include/postern/${name})
  endforeach()
  add_custom_command(OUTPUT ${stamp}
    BYPRODUCTS ${copies}
    COMMAND ${CMAKE_COMMAND} "-DSOURCE=${PROJECT_SOURCE_DIR}"
      "-DDESTINATION=${PROJECT_BINARY_DIR}/include/postern" "-DHEADERS=${headers}" -P ${script}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${headers} ${script}
    COMMENT "Copying the public headers" VERBATIM)
  add_custom_target(postern_headers ALL DEPENDS ${stamp})
  get_property(components GLOBAL PROPERTY POSTERN_COMPONENTS)
  foreach(component IN LISTS components)
    add_dependencies(postern_${component} postern_headers)
  endforeach()
  install(DIRECTORY ${PROJECT_BINARY_DIR}/include/postern DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
endfunction()

# What a static library needs again where it is linked.
function(postern_static_needs component result)
  set(${result} "" PARENT_SCOPE)
  get_property(libraries GLOBAL PROPERTY POSTERN_LIBRARIES_OF_${component})
  if(NOT BUILD_SHARED_LIBS)
    set(${result} "${libraries}" PARENT_SCOPE)
  endif()
endfunction()

function(postern_write_pkg_config component)
  get_property(rooms GLOBAL PROPERTY POSTERN_ROOMS_OF_${component})
  postern_static_needs(${component} needs)
  list(TRANSFORM rooms PREPEND postern-)
  set(requires ${rooms})
  set(libs "-lpostern_${component}")
  foreach(target IN LISTS needs)
    postern_dependency_facts(${target})
    if(pkg_config MATCHES "^requires (.*)$")
      list(APPEND requires ${CMAKE_MATCH_1})
    elseif(pkg_config MATCHES "^libs (.*)$")
      string(APPEND libs " ${CMAKE_MATCH_1}")
    endif()
  endforeach()
  list(JOIN requires " " requires)
  # The file says where the rest is as seen from itself, so that the whole may be moved.
  cmake_path(APPEND folder ${CMAKE_INSTALL_LIBDIR} pkgconfig)
  if(IS_ABSOLUTE ${folder})
    set(prefix ${CMAKE_INSTALL_PREFIX})
  else()
    string(REGEX REPLACE "[^/]+" ".." way_up ${folder})
    cmake_path(APPEND prefix "\${pcfiledir}" ${way_up})
  endif()
  cmake_path(APPEND includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
  cmake_path(APPEND libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
  set(file ${PROJECT_BINARY_DIR}/pkgconfig/postern-${component}.pc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/postern.pc.in ${file} @ONLY)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# To be called once, when every room is there.
function(postern_install_package)
  postern_add_public_headers()
  get_property(components GLOBAL PROPERTY POSTERN_COMPONENTS)
  set(needs)
  foreach(component IN LISTS components)
    postern_write_pkg_config(${component})
    get_property(rooms GLOBAL PROPERTY POSTERN_ROOMS_OF_${component})
    postern_static_needs(${component} libraries)
    string(APPEND needs "set(Postern_${component}_rooms ${rooms})\n"
      "set(Postern_${component}_needs ${libraries})\n")
  endforeach()
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/PosternConfig.cmake.in
    ${PROJECT_BINARY_DIR}/PosternConfig.cmake INSTALL_DESTINATION ${POSTERN_PACKAGE_DIR})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/PosternConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/PosternConfig.cmake
    ${PROJECT_BINARY_DIR}/PosternConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/cmake/PosternDependencies.cmake
    DESTINATION ${POSTERN_PACKAGE_DIR})
  if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(uninstall
      COMMAND ${CMAKE_COMMAND} "-DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt"
        "-DNOTE=${PROJECT_BINARY_DIR}/install_folders.txt" -P ${PROJECT_SOURCE_DIR}/cmake/Uninstall.cmake
      COMMENT "Removing what was installed" VERBATIM)
  endif()
endfunction()
