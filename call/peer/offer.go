package peer

import (
	"nxphone/audio/codec"
	"nxphone/call/peer/sdp"
)

// Payload types of the offer. 0 and 8 are static; the others are the numbers
// that browsers use, which gateways are used to.
const (
	ptPCMU    = 0
	ptPCMA    = 8
	ptEvent48 = 110
	ptOpus    = 111
	ptEvent8  = 126
)

// offered lists the formats of our offers in the order of preference.
func offered(names []string) []sdp.Codec {
	var voice []sdp.Codec
	seen := map[codec.Name]bool{}
	for _, name := range names {
		if n, ok := codec.ByName(name); ok && !seen[n] {
			seen[n] = true
			voice = append(voice, format(n))
		}
	}
	if len(voice) == 0 {
		for _, n := range codec.Names() {
			voice = append(voice, format(n))
		}
	}
	var events []sdp.Codec
	for _, rate := range []struct {
		clock int
		pt    uint8
	}{{48000, ptEvent48}, {8000, ptEvent8}} {
		// One telephone-event for each clock that a voice codec runs on (RFC
		// 7874 section 3 and RFC 4733 section 2.1).
		for _, v := range voice {
			if v.Rate == rate.clock {
				events = append(events, sdp.Codec{PT: rate.pt, Name: sdp.Event, Rate: rate.clock, Fmtp: "0-15"})
				break
			}
		}
	}
	return append(voice, events...)
}

func format(n codec.Name) sdp.Codec {
	c := sdp.Codec{Name: string(n), Rate: n.ClockRate()}
	switch n {
	case codec.Opus:
		c.PT, c.Channels, c.Fmtp = ptOpus, 2, "minptime=10;useinbandfec=1"
	case codec.PCMA:
		c.PT = ptPCMA
	case codec.PCMU:
		c.PT = ptPCMU
	}
	return c
}
