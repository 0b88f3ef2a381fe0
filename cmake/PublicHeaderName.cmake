# The name by which others include the public header that lies at `header` below `source`:
# src/base/outcome.h is base/outcome.h; the one header for whoever wants the whole is gateway.h.
function(postern_public_header_name source header result)
  file(RELATIVE_PATH name ${source} ${header})
  string(REGEX REPLACE "^src/" "" name ${name})
  string(REGEX REPLACE "^gateway/gateway.h$" "gateway.h" name ${name})
  set(${result} ${name} PARENT_SCOPE)
endfunction()
