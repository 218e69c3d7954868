package audio

import "math"

// MixInto adds src, scaled by gain (1 leaves it as it is), to dst, for as many
// samples as both have. A sum beyond 16 bits is clipped, not wrapped.
func MixInto(dst, src []int16, gain float32) {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	if gain == 1 {
		for i, s := range src {
			dst[i] = clip(int32(dst[i]) + int32(s))
		}
		return
	}
	for i, s := range src {
		dst[i] = Saturate(float32(dst[i]) + float32(s)*gain)
	}
}

func clip(x int32) int16 {
	return int16(min(max(x, math.MinInt16), math.MaxInt16))
}

// Saturate is the 16-bit sample nearest to x; what is too loud is clipped.
func Saturate(x float32) int16 {
	switch {
	case x >= math.MaxInt16:
		return math.MaxInt16
	case x <= math.MinInt16:
		return math.MinInt16
	case x < 0:
		return int16(x - 0.5)
	}
	return int16(x + 0.5)
}
