package sdp

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Why nobody can talk to a peer that wrote such a description.
var (
	ErrNoAudio       = errors.New("sdp: no audio section")
	ErrRefused       = errors.New("sdp: the audio section is refused")
	ErrNoICE         = errors.New("sdp: no ICE credentials")
	ErrNoFingerprint = errors.New("sdp: no certificate fingerprint, so no DTLS-SRTP")
	ErrNoCodec       = errors.New("sdp: no common codec")
)

// Remote is the peer's side of the one audio section.
type Remote struct {
	// Index is the place of the audio section among the m= lines.
	Index int
	Mid   string // "" when there is none
	Proto string

	Ufrag, Pwd string
	// Lite: the peer answers checks and makes none (RFC 8445 section 2.5).
	Lite         bool
	Candidates   []Candidate
	Fingerprints []Fingerprint
	Setup        Setup
	Direction    Direction
	// Codecs are those with a known name and clock in the peer's order,
	// telephone-event among them.
	Codecs []Codec
	// Bare are the formats in the m= line that no rtpmap explains.
	Bare []uint8
	// PTime and MaxPTime are the length of packets that the peer wishes for and
	// the longest that it takes (RFC 8866 section 6.4); 0 for none.
	PTime, MaxPTime time.Duration
	// Mux: RTCP may share the port of RTP (RFC 5761).
	Mux bool
	// Bundle: there is a BUNDLE group (RFC 9143).
	Bundle bool
}

// Renewed takes over what a new description on the same transport changes.
func (r *Remote) Renewed(n Remote) {
	r.Direction, r.Mux, r.PTime, r.MaxPTime = n.Direction, n.Mux, n.PTime, n.MaxPTime
}

// Remote takes the first audio section that is not refused. The error is one
// of the five above, or nil; the Remote holds what could be read in any case.
func (s *Session) Remote() (Remote, error) {
	sec, index, err := s.audio()
	if err != nil {
		return Remote{}, err
	}
	r := Remote{Index: index, Proto: sec.Proto}
	r.Mid, _ = find(sec.Attrs, "mid")
	r.Ufrag, _ = s.attr(sec, "ice-ufrag")
	r.Pwd, _ = s.attr(sec, "ice-pwd")
	_, r.Lite = s.attr(sec, "ice-lite")
	r.Candidates = candidates(s.all(sec, "candidate"))
	r.Fingerprints = fingerprints(s.all(sec, "fingerprint"))
	if v, ok := s.attr(sec, "setup"); ok {
		r.Setup = parseSetup(v)
	}
	r.Codecs, r.Bare = codecs(sec)
	_, r.Mux = s.attr(sec, "rtcp-mux")
	if v, ok := find(sec.Attrs, "ptime"); ok {
		r.PTime = ptime(v)
	}
	if v, ok := find(sec.Attrs, "maxptime"); ok {
		r.MaxPTime = ptime(v)
	}
	group, _ := find(s.Attrs, "group")
	r.Bundle = len(group) >= 6 && strings.EqualFold(group[:6], "BUNDLE")
	r.Direction = s.direction(sec)
	switch {
	case r.Ufrag == "" || r.Pwd == "":
		return r, ErrNoICE
	case len(r.Fingerprints) == 0:
		return r, ErrNoFingerprint
	}
	return r, nil
}

func (s *Session) audio() (*Section, int, error) {
	err := ErrNoAudio
	for i := range s.Sections {
		sec := &s.Sections[i]
		if sec.Kind != "audio" {
			continue
		}
		if sec.Port != 0 {
			return sec, i, nil
		}
		err = ErrRefused
	}
	return nil, 0, err
}

func (s *Session) direction(sec *Section) Direction {
	d := SendRecv
	for _, attrs := range [2][]Attr{s.Attrs, sec.Attrs} {
		for _, a := range attrs {
			switch a.Name {
			case "sendrecv":
				d = SendRecv
			case "sendonly":
				d = SendOnly
			case "recvonly":
				d = RecvOnly
			case "inactive":
				d = Inactive
			}
		}
	}
	// RFC 2543's way to hold: an address of zeroes means do not send to me.
	// With port 9 the same address only says that candidates come later (RFC
	// 8839 section 4.2.1.3), which is what browsers and pion write.
	conn := sec.Conn
	if conn == "" {
		conn = s.Conn
	}
	if (conn == "0.0.0.0" || conn == "::") && sec.Port != 9 {
		if d.Sends() {
			return SendOnly
		}
		return Inactive
	}
	return d
}

// candidates reads the usable ones. TCP, names (mDNS among them) and malformed
// ones are skipped: ICE works with those that are left, or with peer-reflexive
// ones. Component 2 counts where component 1 is missing altogether, as some
// gateways number from 2. Of too many the best are kept: each one is sent a
// check 20 times a second, and RFC 8445 section 6.1.2.5 bounds them, lest a
// description turn the phone against somebody else's network.
func candidates(values []string) []Candidate {
	var rtp, rtcp []Candidate
	for _, v := range values {
		c, component, ok := parseCandidate(v)
		switch {
		case !ok:
		case component == 1:
			rtp = append(rtp, c)
		default:
			rtcp = append(rtcp, c)
		}
	}
	if len(rtp) == 0 {
		rtp = rtcp
	}
	if len(rtp) > maxCandidates {
		slices.SortStableFunc(rtp, func(a, b Candidate) int { return cmp.Compare(b.Priority, a.Priority) })
		rtp = rtp[:maxCandidates]
	}
	return rtp
}

func parseCandidate(v string) (c Candidate, component int, ok bool) {
	f := strings.Fields(v)
	if len(f) < 8 || !strings.EqualFold(f[2], "udp") || !strings.EqualFold(f[6], "typ") {
		return c, 0, false
	}
	component, err1 := strconv.Atoi(f[1])
	prio, err2 := strconv.ParseUint(f[3], 10, 32)
	port, err3 := strconv.ParseUint(f[5], 10, 16)
	addr, err4 := netip.ParseAddr(f[4])
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || port == 0 {
		return c, 0, false
	}
	c = Candidate{
		Foundation: f[0], Priority: uint32(prio),
		Addr: addr.WithZone("").Unmap().String(), Port: int(port),
		Type: strings.ToLower(f[7]),
	}
	switch c.Type {
	case "host", "srflx", "prflx", "relay":
	default:
		return c, 0, false
	}
	for i := 8; i+1 < len(f); i += 2 {
		switch strings.ToLower(f[i]) {
		case "raddr":
			c.RelAddr = f[i+1]
		case "rport":
			if n, err := strconv.ParseUint(f[i+1], 10, 16); err == nil {
				c.RelPort = int(n)
			}
		}
	}
	return c, component, true
}

func fingerprints(values []string) []Fingerprint {
	var fps []Fingerprint
	for _, v := range values {
		f := strings.Fields(v)
		if len(f) == 2 {
			fps = append(fps, Fingerprint{strings.ToLower(f[0]), strings.ToUpper(f[1])})
		}
	}
	return fps
}

// codecs reads the formats of a section in its order.
func codecs(sec *Section) (known []Codec, bare []uint8) {
	maps := map[uint8]Codec{}
	fmtp := map[uint8]string{}
	for _, a := range sec.Attrs {
		pt, rest, ok := payloadType(a.Value)
		switch {
		case !ok:
		case a.Name == "rtpmap":
			if c, ok := parseRtpmap(pt, rest); ok {
				maps[pt] = c
			}
		case a.Name == "fmtp":
			fmtp[pt] = rest
		}
	}
	seen := map[uint8]bool{}
	for _, f := range sec.Formats {
		pt, _, ok := payloadType(f)
		if !ok || seen[pt] {
			continue
		}
		seen[pt] = true
		c, ok := maps[pt]
		if !ok {
			c, ok = staticCodec(pt)
		}
		if !ok {
			bare = append(bare, pt)
			continue
		}
		c.Fmtp = fmtp[pt]
		known = append(known, c)
	}
	return known, bare
}

func payloadType(v string) (pt uint8, rest string, ok bool) {
	num, rest, _ := strings.Cut(strings.TrimSpace(v), " ")
	n, err := strconv.ParseUint(num, 10, 7)
	return uint8(n), strings.TrimSpace(rest), err == nil
}

// parseRtpmap reads "opus/48000/2".
func parseRtpmap(pt uint8, v string) (Codec, bool) {
	parts := strings.Split(strings.ToLower(v), "/")
	c := Codec{PT: pt, Name: strings.TrimSpace(parts[0])}
	if len(parts) < 2 || c.Name == "" {
		return c, false
	}
	rate, err := strconv.Atoi(strings.TrimSpace(parts[1]))
	if err != nil || rate <= 0 {
		return c, false
	}
	c.Rate = rate
	if len(parts) > 2 {
		c.Channels, _ = strconv.Atoi(strings.TrimSpace(parts[2]))
	}
	return c, true
}
