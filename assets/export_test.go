package assets

// Unpack is unpack, to be measured.
func Unpack(packed []byte) []byte { return unpack(packed) }

// PackedRegular is the regular face as it is embedded.
func PackedRegular() []byte { return packedRegular }
