package peer

import (
	"fmt"
	"slices"

	"nxphone/audio/codec"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
)

// Payload types of the offer. 0 and 8 are static; the others are the numbers
// that browsers use, which gateways are used to.
const (
	ptPCMU    = 0
	ptPCMA    = 8
	ptRED     = 63
	ptEvent48 = 110
	ptOpus    = 111
	ptEvent8  = 126
)

// offered lists the formats of our offers in the order of preference.
func offered(set Settings) []sdp.Codec {
	names := set.Codecs
	var voice []sdp.Codec
	seen := map[codec.Name]bool{}
	for _, name := range names {
		if n, ok := codec.ByName(name); ok && !seen[n] {
			seen[n] = true
			voice = append(voice, format(n, set))
		}
	}
	if len(voice) == 0 {
		for _, n := range codec.Names() {
			voice = append(voice, format(n, set))
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
	return append(withRED(voice, set), events...)
}

// withRED puts redundancy behind Opus, as browsers do: first in line it would be
// taken for the codec of the call by gateways that do not know it.
func withRED(voice []sdp.Codec, set Settings) []sdp.Codec {
	for i, v := range voice {
		if v.Name == sdp.Opus && !set.NoRED {
			red := sdp.Codec{PT: ptRED, Name: sdp.RED, Rate: v.Rate, Channels: v.Channels, Fmtp: fmt.Sprintf("%d/%d", v.PT, v.PT)}
			return slices.Insert(voice, i+1, red)
		}
	}
	return voice
}

func format(n codec.Name, set Settings) sdp.Codec {
	c := sdp.Codec{Name: string(n), Rate: n.ClockRate()}
	switch n {
	case codec.Opus:
		c.PT, c.Channels, c.Fmtp = ptOpus, 2, opusFmtp(set)
	case codec.PCMA:
		c.PT = ptPCMA
	case codec.PCMU:
		c.PT = ptPCMU
	}
	return c
}

// opusFmtp is what we ask the far end's encoder for (RFC 7587 section 6.1).
func opusFmtp(set Settings) string {
	text := "minptime=10;useinbandfec=1"
	if set.DTX {
		text += ";usedtx=1"
	}
	if set.MaxBitrate > 0 && set.MaxBitrate < stream.MaxBitrate {
		text += fmt.Sprintf(";maxaveragebitrate=%d", set.MaxBitrate)
	}
	return text
}

// wanted is what the far end's description and the settings want of our encoder:
// the part that the network does not change, and the limits of what it may.
func wanted(choice sdp.Choice, r *sdp.Remote, set Settings) (codec.Options, stream.Limits) {
	lim := stream.Limits{MaxBitrate: set.MaxBitrate, MinFrame: r.PTime, MaxFrame: r.MaxPTime}
	if choice.Voice.Name != sdp.Opus {
		// Gateways take what they ask for; longer packets are no usage there.
		lim.MaxFrame = max(r.PTime, stream.Frame)
		if r.MaxPTime > 0 {
			lim.MaxFrame = min(lim.MaxFrame, r.MaxPTime)
		}
		lim.MinFrame = min(lim.MinFrame, lim.MaxFrame)
		return codec.Options{}, lim
	}
	p := choice.Voice.Opus()
	if lim.MaxFrame > 0 {
		lim.MinFrame = min(lim.MinFrame, lim.MaxFrame)
	}
	lim.MinFrame = max(lim.MinFrame, p.MinPTime)
	lim.FEC = p.FEC
	lim.RED = !set.NoRED && choice.RED.Name != ""
	if p.MaxAverageBitrate > 0 && (lim.MaxBitrate == 0 || p.MaxAverageBitrate < lim.MaxBitrate) {
		lim.MaxBitrate = p.MaxAverageBitrate
	}
	return codec.Options{DTX: set.DTX && !p.NoDTX, CBR: p.CBR, MaxPlayback: p.MaxPlaybackRate}, lim
}
