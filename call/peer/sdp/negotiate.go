package sdp

import "strings"

// Choice is what the two sides agreed on.
type Choice struct {
	// Voice is the codec to send with, under the peer's payload type.
	Voice Codec
	// DTMF is the telephone-event to send, on the clock of Voice; its Name is
	// "" when the peer takes none.
	DTMF Codec
	// RED is the format that wraps Voice in redundancy towards the peer (RFC
	// 2198); its Name is "" when not both can.
	RED Codec
	// Receive are all formats that may arrive, under every payload type that
	// either side has named, the offerer's first.
	Receive []Codec
}

// Choose finds what to send and what to expect. ours is what we offered (or
// would); the first format of the peer that we know wins, since in an answer
// the peer's order counts (RFC 3264 section 6.1), and in an offer it is the
// offerer's wish. ErrNoCodec when there is no common voice codec.
func Choose(ours []Codec, r Remote) (Choice, error) {
	theirs := r.common(ours)
	return choose(theirs, ours, theirs)
}

// ChooseOffered is Choose for an offer of the peer's. Our answer takes over its
// payload types (RFC 3264 section 6.1), so where it gives one of our numbers
// another meaning, its meaning counts.
func ChooseOffered(ours []Codec, r Remote) (Choice, error) {
	theirs := r.common(ours)
	return choose(theirs, theirs, ours)
}

// choose takes what is sent out of theirs, and what may come out of first and
// second; a number that both use is what first says.
func choose(theirs, first, second []Codec) (Choice, error) {
	var c Choice
	found := false
	for _, codec := range theirs {
		if codec.Voice() {
			c.Voice, found = codec, true
			break
		}
	}
	if !found {
		return c, ErrNoCodec
	}
	c.DTMF = eventFor(theirs, c.Voice.Rate)
	c.RED = redFor(theirs, c.Voice)
	seen := [128]bool{}
	for _, list := range [2][]Codec{first, second} {
		for _, codec := range list {
			if !seen[codec.PT] {
				seen[codec.PT] = true
				c.Receive = append(c.Receive, codec)
			}
		}
	}
	return c, nil
}

// common is the peer's formats that we know too, in the peer's order, under
// the peer's numbers. A dynamic number without rtpmap means what we said it
// means.
func (r Remote) common(ours []Codec) []Codec {
	var list []Codec
	for _, theirs := range r.Codecs {
		for _, our := range ours {
			if our.Same(theirs) {
				list = append(list, theirs)
				break
			}
		}
	}
	for _, pt := range r.Bare {
		for _, our := range ours {
			if our.PT == pt {
				list = append(list, our)
			}
		}
	}
	return list
}

// eventFor picks the telephone-event with the voice's clock: RFC 4733 section
// 2.1 lets events share the voice's timestamps, which only works on one clock.
// A peer that names only another clock gets events on that number all the same
// when it is the only one; gateways read the number and the digit.
func eventFor(theirs []Codec, rate int) Codec {
	var other Codec
	for _, c := range theirs {
		if c.Name != Event {
			continue
		}
		if c.Rate == rate {
			return c
		}
		if other.Name == "" {
			other = c
		}
	}
	return other
}

// redFor picks the redundancy around a voice codec: one on its clock whose fmtp
// lists nothing but its number ("111/111", RFC 2198 section 5), or lists nothing.
func redFor(theirs []Codec, voice Codec) Codec {
	for _, c := range theirs {
		if c.Name != RED || c.Rate != voice.Rate {
			continue
		}
		fits := true
		for _, f := range strings.Split(c.Fmtp, "/") {
			pt, _, ok := payloadType(f)
			fits = fits && (c.Fmtp == "" || ok && pt == voice.PT)
		}
		if fits {
			return c
		}
	}
	return Codec{}
}
