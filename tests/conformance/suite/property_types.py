"""The types of properties ([MS-OXCDATA] 2.11.1), by the names that the cases use."""

I2, I4, FLOAT, DOUBLE, CURRENCY, APPTIME = 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007
ERROR, BOOL, OBJECT, I8 = 0x000A, 0x000B, 0x000D, 0x0014
STRING8, UNICODE, TIME, GUID, BINARY = 0x001E, 0x001F, 0x0040, 0x0048, 0x0102
MULTIPLE = 0x1000

BY_NAME = {"I2": I2, "I4": I4, "FLOAT": FLOAT, "DOUBLE": DOUBLE, "CURRENCY": CURRENCY,
           "APPTIME": APPTIME, "ERROR": ERROR, "BOOL": BOOL, "I8": I8, "STRING8": STRING8,
           "UNICODE": UNICODE, "TIME": TIME, "GUID": GUID, "BINARY": BINARY}
BY_NAME |= {f"MV_{name}": MULTIPLE | kind for name, kind in BY_NAME.items()}
NAMES = {kind: name for name, kind in BY_NAME.items()}

# How values that lie in the property stream are packed.
FIXED = {I2: "<h", I4: "<i", FLOAT: "<f", DOUBLE: "<d", CURRENCY: "<q", APPTIME: "<d",
         ERROR: "<I", BOOL: "<?", I8: "<q", TIME: "<Q"}
# Octets of a terminator that is counted.
TERMINATOR = {STRING8: 1, UNICODE: 2}
