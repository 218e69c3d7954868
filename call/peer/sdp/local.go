package sdp

import (
	"fmt"
	"net/netip"
	"strings"
)

// Local is our side of the call. It is a value: copies do not disturb one
// another as long as the slices are not written to.
type Local struct {
	// SessionID and Version are the o= line's numbers; Version grows by one
	// with each description that differs (RFC 3264 section 8).
	SessionID, Version uint64

	Ufrag, Pwd  string
	Fingerprint Fingerprint
	Setup       Setup
	Candidates  []Candidate
	Codecs      []Codec
	Direction   Direction
	// SSRC and CName name our stream (RFC 5576).
	SSRC  uint32
	CName string

	// Mid is the identification of the audio section, "" to write none;
	// Bundle puts it into a group.
	Mid    string
	Bundle bool
	Proto  string // "" is UDP/TLS/RTP/SAVPF
	NoMux  bool   // the peer's offer did not allow RTCP on the same port
	// Before and After are refused sections around the audio: the number of
	// m= lines never shrinks (RFC 3264 section 8).
	Before, After []Section
}

// Voice lists the codecs that a call can be held in.
func (l *Local) Voice() []Codec {
	var v []Codec
	for _, c := range l.Codecs {
		if c.Voice() {
			v = append(v, c)
		}
	}
	return v
}

// String renders the description with CRLF line ends.
func (l *Local) String() string {
	var b strings.Builder
	def := l.defaultCandidate()
	net := "IP4"
	if strings.Contains(def.Addr, ":") {
		net = "IP6"
	}
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\r\n")
	}
	line("v=0")
	line("o=- %d %d IN %s %s", l.SessionID, l.Version, net, def.Addr)
	line("s=-")
	line("t=0 0")
	if l.Bundle && l.Mid != "" {
		line("a=group:BUNDLE %s", l.Mid)
	}
	for i := range l.Before {
		refused(line, &l.Before[i])
	}
	proto := l.Proto
	if proto == "" {
		proto = "UDP/TLS/RTP/SAVPF"
	}
	line("m=audio %d %s%s", def.Port, proto, formats(l.Codecs))
	line("c=IN %s %s", net, def.Addr)
	if !l.NoMux {
		line("a=rtcp:%d IN %s %s", def.Port, net, def.Addr)
	}
	l.transport(line)
	l.media(line)
	for i := range l.After {
		refused(line, &l.After[i])
	}
	return b.String()
}

type liner func(format string, args ...any)

func (l *Local) transport(line liner) {
	for _, c := range l.Candidates {
		rel := ""
		if c.RelAddr != "" {
			rel = fmt.Sprintf(" raddr %s rport %d", c.RelAddr, c.RelPort)
		}
		line("a=candidate:%s 1 udp %d %s %d typ %s%s", c.Foundation, c.Priority, c.Addr, c.Port, c.Type, rel)
	}
	line("a=end-of-candidates")
	line("a=ice-ufrag:%s", l.Ufrag)
	line("a=ice-pwd:%s", l.Pwd)
	line("a=fingerprint:%s %s", l.Fingerprint.Hash, l.Fingerprint.Value)
	line("a=setup:%s", l.Setup)
}

func (l *Local) media(line liner) {
	if l.Mid != "" {
		line("a=mid:%s", l.Mid)
	}
	line("a=%s", l.Direction)
	if !l.NoMux {
		line("a=rtcp-mux")
	}
	for _, c := range l.Codecs {
		if c.Channels > 1 {
			line("a=rtpmap:%d %s/%d/%d", c.PT, spelled(c.Name), c.Rate, c.Channels)
		} else {
			line("a=rtpmap:%d %s/%d", c.PT, spelled(c.Name), c.Rate)
		}
		if c.Fmtp != "" {
			line("a=fmtp:%d %s", c.PT, c.Fmtp)
		}
	}
	line("a=ptime:20")
	if l.SSRC != 0 && l.CName != "" {
		line("a=ssrc:%d cname:%s", l.SSRC, l.CName)
	}
}

// spelled gives the registered spelling; names compare without case, but not
// every gateway knows that.
func spelled(name string) string {
	switch name {
	case PCMA, PCMU:
		return strings.ToUpper(name)
	}
	return name
}

func formats(codecs []Codec) string {
	var b strings.Builder
	for _, c := range codecs {
		fmt.Fprintf(&b, " %d", c.PT)
	}
	return b.String()
}

// refused writes a section with port 0 (RFC 3264 section 6).
func refused(line liner, sec *Section) {
	formats := "0"
	if len(sec.Formats) > 0 {
		formats = strings.Join(sec.Formats, " ")
	}
	proto := sec.Proto
	if proto == "" {
		proto = "RTP/AVP"
	}
	line("m=%s 0 %s %s", sec.Kind, proto, formats)
	line("c=IN IP4 0.0.0.0")
	line("a=inactive")
	if mid, ok := find(sec.Attrs, "mid"); ok {
		line("a=mid:%s", mid)
	}
}

// defaultCandidate is the one that a peer without ICE would use, and the one
// that SBCs look at to see where we are (RFC 8839 section 4.2.1.2): the
// candidate most likely to be reached from outside, so a relay before a
// reflexive one before the first real host address.
func (l *Local) defaultCandidate() Candidate {
	best, rank := Candidate{Addr: "0.0.0.0", Port: 9}, 0
	for _, c := range l.Candidates {
		if n := defaultRank(c); n > rank {
			best, rank = c, n
		}
	}
	return best
}

func defaultRank(c Candidate) int {
	rank := map[string]int{"host": 2, "srflx": 12, "relay": 22}[c.Type]
	addr, err := netip.ParseAddr(c.Addr)
	if rank == 0 || err != nil {
		return 0
	}
	if addr.Is4() {
		rank += 4 // more networks carry it
	}
	if addr.IsLoopback() {
		rank--
	}
	return rank
}

// Answer renders the answer to the peer's offer: the offer's sections in their
// order with only the audio accepted, its mid and transport name taken over,
// the direction flipped, and the codecs that both know, in the offer's order
// and under its numbers. The receiver's Setup is kept where it is decided
// already, else the answer takes the part that is left.
func (l Local) Answer(offer *Session, r Remote) Local {
	l.Direction = r.Direction.Flip()
	l.Mid, l.Proto, l.NoMux, l.Bundle = r.Mid, r.Proto, !r.Mux, r.Bundle
	l.Before, l.After = offer.Sections[:r.Index], offer.Sections[r.Index+1:]
	if l.Setup == Undecided {
		l.Setup = Active
		if r.Setup == Active {
			l.Setup = Passive
		}
	}
	var common []Codec
	for _, theirs := range r.common(l.Codecs) {
		for _, our := range l.Codecs {
			if our.Same(theirs) {
				our.PT = theirs.PT
				common = append(common, our)
				break
			}
		}
	}
	l.Codecs = wrapped(common)
	return l
}

// wrapped lets each RED name its codec by the number that it has here, and
// leaves out one whose codec is not there.
func wrapped(list []Codec) []Codec {
	var kept []Codec
	for _, c := range list {
		if c.Name != RED {
			kept = append(kept, c)
			continue
		}
		for _, v := range list {
			if v.Voice() && v.Rate == c.Rate {
				c.Fmtp = fmt.Sprintf("%d/%d", v.PT, v.PT)
				kept = append(kept, c)
				break
			}
		}
	}
	return kept
}
