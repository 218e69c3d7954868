package sdp

import (
	"strconv"
	"strings"
	"time"
)

// OpusParams are what a receiver of Opus asks its sender for, in the text of
// a=fmtp (RFC 7587 section 6.1). The zero value is what no text means.
type OpusParams struct {
	// MaxAverageBitrate in bit/s, 6000 to 510000; 0 for none.
	MaxAverageBitrate int
	// MaxPlaybackRate is the highest sampling rate in Hz that it plays; 0 for
	// none.
	MaxPlaybackRate int
	// FEC: it makes use of in-band redundancy.
	FEC bool
	// NoDTX: it has said that it does not prefer nothing to be sent in silence
	// (usedtx=0).
	NoDTX bool
	// CBR: packets of equal size.
	CBR bool
	// MinPTime is the shortest packet that it wants; 0 for none. It is no
	// parameter of RFC 7587, but browsers write it.
	MinPTime time.Duration
}

// Opus reads the parameters of an Opus format. What is unknown, malformed, out
// of range or of no use to an encoder of one voice (stereo) counts as not
// written.
func (c Codec) Opus() OpusParams {
	var p OpusParams
	for part := range strings.SplitSeq(c.Fmtp, ";") {
		key, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "maxaveragebitrate":
			if n >= 6000 && n <= 510000 {
				p.MaxAverageBitrate = n
			}
		case "maxplaybackrate":
			if n >= 8000 && n <= 48000 {
				p.MaxPlaybackRate = n
			}
		case "useinbandfec":
			p.FEC = n == 1
		case "usedtx":
			p.NoDTX = n == 0
		case "cbr":
			p.CBR = n == 1
		case "minptime":
			p.MinPTime = ptime(value)
		}
	}
	return p
}

// ptime reads a packet's length in milliseconds, 3 to 120 (RFC 7587 section
// 6.1); gateways write fractions at times. 0 for anything else.
func ptime(v string) time.Duration {
	ms, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || !(ms >= 3 && ms <= 120) {
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}
