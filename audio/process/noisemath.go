package process

import "math"

// log2 is the binary logarithm of a positive normal number, right to 1e-4: the
// exponent, and a polynomial for the mantissa.
func log2(x float32) float32 {
	b := math.Float32bits(x)
	e := float32(int32(b>>23) - 127)
	m := math.Float32frombits(b&0x7fffff|0x3f800000) - 1
	return e + m*(1.4418283+m*(-0.7067203+m*(0.4116116+m*(-0.1917773+m*0.0450577))))
}

// exp2 is 2 to the power of x, -126 to 126, right to a part in 10^5.
func exp2(x float32) float32 {
	x = min(max(x, -126), 126)
	i := float32(math.Floor(float64(x)))
	f := x - i
	m := 1 + f*(0.6931309+f*(0.2402536+f*(0.0555041+f*(0.0096181+f*0.0013333))))
	return m * math.Float32frombits(uint32(int32(i)+127)<<23)
}
