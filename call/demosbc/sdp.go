package demosbc

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nxphone/audio/codec"
)

// This file reads offers and writes descriptions. pion never sees a phone's
// own text and the phone never sees pion's: what pion needs is written anew
// by forPion, what the phone gets by local.describe. So whatever else a
// browser or phone writes into its offer (mDNS names, extmap, ssrc, video)
// cannot break a call.

// direction says who sends (RFC 8866 section 6.7).
type direction string

const (
	sendrecv direction = "sendrecv"
	sendonly direction = "sendonly"
	recvonly direction = "recvonly"
	inactive direction = "inactive"
)

// sends and receives are the two halves of a direction.
func (d direction) sends() bool    { return d == sendrecv || d == sendonly }
func (d direction) receives() bool { return d == sendrecv || d == recvonly }

// reply is the direction to answer an offer of d with, for one who would like
// want (RFC 3264 section 6.1).
func (d direction) reply(want direction) direction {
	send := d.receives() && want.sends()
	receive := d.sends() && want.receives()
	switch {
	case send && receive:
		return sendrecv
	case send:
		return sendonly
	case receive:
		return recvonly
	}
	return inactive
}

// format is one payload type of the offer that we take.
type format struct {
	pt   uint8
	name string // encoding name in lower case: opus, pcmu, pcma, telephone-event
	// clock in Hz; channels as written, "" for one.
	clock    int
	channels string
}

// voice is the codec of the format; false for telephone-event.
func (f format) voice() (codec.Name, bool) { return codec.ByName(f.name) }

// rtpmap is the attribute's value (RFC 8866 section 6.6).
func (f format) rtpmap() string {
	name := f.name
	if name == "pcmu" || name == "pcma" {
		name = strings.ToUpper(name)
	}
	s := fmt.Sprintf("%d %s/%d", f.pt, name, f.clock)
	if f.channels != "" {
		s += "/" + f.channels
	}
	return s
}

// fmtp is the attribute's value, "" for none: Opus's redundancy (RFC 7587
// section 6.1) and the sixteen digits (RFC 4733 section 2.4.1).
func (f format) fmtp() string {
	switch f.name {
	case "opus":
		return fmt.Sprintf("%d minptime=10;useinbandfec=1", f.pt)
	case "telephone-event":
		return fmt.Sprintf("%d 0-15", f.pt)
	}
	return ""
}

// section is one m= line of the offer, as far as the answer repeats it.
type section struct {
	kind, proto, formats, mid string
	hasMid                    bool
}

// offer is what a phone's SDP says about the first audio section that is not
// refused by itself.
type offer struct {
	sections []section
	audio    int // index of the section that counts
	bundled  bool

	formats                 []format // ours among theirs, in their order
	ufrag, pwd, fingerprint string
	setup                   string
	direction               direction
	rtcpMux                 bool
	candidates              []string // values that pion can use
}

// Errors that refuse an offer with 488.
var (
	errNoAudio     = errors.New("the offer has no audio section")
	errNoCodec     = errors.New("the offer has no codec of ours (opus, PCMA, PCMU)")
	errNoTransport = errors.New("the offer has no ICE credentials or no DTLS fingerprint")
)

// sameTransport reports whether the two offers describe one ICE and DTLS
// session, so that nothing needs to be built anew.
func (o *offer) sameTransport(other *offer) bool {
	return o.ufrag == other.ufrag && o.pwd == other.pwd && o.fingerprint == other.fingerprint
}

// voice is the first codec of the offer, the one that we send.
func (o *offer) voice() (format, codec.Name) {
	for _, f := range o.formats {
		if name, ok := f.voice(); ok {
			return f, name
		}
	}
	return format{}, "" // parseOffer refuses such an offer
}

// sdpLines is one section's lines, or those before the first.
type sdpLines []string

// attribute finds a=name or a=name:value.
func (l sdpLines) attribute(name string) (string, bool) {
	for _, line := range l {
		if rest, ok := strings.CutPrefix(line, "a="+name); ok {
			if rest == "" {
				return "", true
			}
			if rest[0] == ':' {
				return strings.TrimSpace(rest[1:]), true
			}
		}
	}
	return "", false
}

// attributes finds every value of a=name.
func (l sdpLines) attributes(name string) []string {
	var values []string
	for _, line := range l {
		if rest, ok := strings.CutPrefix(line, "a="+name+":"); ok {
			values = append(values, strings.TrimSpace(rest))
		}
	}
	return values
}

// splitSDP cuts a description into the lines before the first m= and those of
// each section. CRLF and LF both end a line.
func splitSDP(text string) (session sdpLines, media []sdpLines) {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "m="):
			media = append(media, sdpLines{line})
		case len(media) == 0:
			session = append(session, line)
		default:
			media[len(media)-1] = append(media[len(media)-1], line)
		}
	}
	return session, media
}

// parseOffer reads a phone's offer. It is lenient: only what a call cannot do
// without is an error, one of errNoAudio, errNoCodec and errNoTransport.
func parseOffer(text string) (*offer, error) {
	session, media := splitSDP(text)
	o := &offer{audio: -1}
	for i, lines := range media {
		s := section{kind: "audio", proto: "RTP/AVP", formats: "0"}
		fields := strings.Fields(strings.TrimPrefix(lines[0], "m="))
		if len(fields) >= 4 {
			s.kind, s.proto, s.formats = fields[0], fields[2], strings.Join(fields[3:], " ")
			if s.kind == "audio" && fields[1] != "0" && o.audio < 0 {
				o.audio = i
			}
		}
		s.mid, s.hasMid = lines.attribute("mid")
		o.sections = append(o.sections, s)
	}
	if o.audio < 0 {
		return nil, errNoAudio
	}
	lines := media[o.audio]
	groups := strings.Join(session.attributes("group"), " ")
	o.bundled = o.sections[o.audio].hasMid && strings.HasPrefix(groups, "BUNDLE")

	if o.formats = takeFormats(lines); o.formats == nil {
		return nil, errNoCodec
	}
	either := func(name string) string {
		if v, ok := lines.attribute(name); ok {
			return v
		}
		v, _ := session.attribute(name)
		return v
	}
	o.ufrag, o.pwd, o.setup = either("ice-ufrag"), either("ice-pwd"), strings.ToLower(either("setup"))
	o.fingerprint = chooseFingerprint(append(lines.attributes("fingerprint"), session.attributes("fingerprint")...))
	if o.ufrag == "" || o.pwd == "" || o.fingerprint == "" {
		return nil, errNoTransport
	}
	_, o.rtcpMux = lines.attribute("rtcp-mux")
	o.direction = directionOf(lines, session)
	for _, c := range lines.attributes("candidate") {
		if usableCandidate(c) {
			o.candidates = append(o.candidates, c)
		}
	}
	return o, nil
}

// directionOf reads a section's direction; none means sendrecv.
func directionOf(lines, session sdpLines) direction {
	for _, l := range []sdpLines{lines, session} {
		for _, d := range []direction{sendrecv, sendonly, recvonly, inactive} {
			if _, ok := l.attribute(string(d)); ok {
				return d
			}
		}
	}
	return sendrecv
}

// takeFormats picks the payload types that we know, in the offer's order. nil
// when no voice codec is among them. A telephone-event whose clock is none of
// the voice codecs' is left out: it could not share their timestamps.
func takeFormats(lines sdpLines) []format {
	// The two that need no rtpmap (RFC 3551 section 6).
	maps := map[string]string{"0": "PCMU/8000", "8": "PCMA/8000"}
	for _, v := range lines.attributes("rtpmap") {
		if pt, encoding, ok := strings.Cut(v, " "); ok {
			maps[pt] = strings.TrimSpace(encoding)
		}
	}
	var formats []format
	clocks := map[int]bool{}
	fields := strings.Fields(lines[0])
	for _, pt := range fields[min(3, len(fields)):] {
		if f, ok := knownFormat(pt, maps[pt]); ok {
			formats = append(formats, f)
			if _, voice := f.voice(); voice {
				clocks[f.clock] = true
			}
		}
	}
	if len(clocks) == 0 {
		return nil
	}
	return slices.DeleteFunc(formats, func(f format) bool { return !clocks[f.clock] })
}

// knownFormat reads one payload type and its rtpmap value.
func knownFormat(pt, encoding string) (format, bool) {
	number, err := strconv.ParseUint(pt, 10, 7)
	if err != nil {
		return format{}, false
	}
	parts := strings.Split(encoding, "/")
	if len(parts) < 2 {
		return format{}, false
	}
	clock, err := strconv.Atoi(parts[1])
	if err != nil {
		return format{}, false
	}
	f := format{pt: uint8(number), name: strings.ToLower(parts[0]), clock: clock}
	if name, ok := codec.ByName(f.name); ok {
		if name == codec.Opus {
			f.channels = "2" // RFC 7587 section 7: always written so
		}
		return f, clock == name.ClockRate()
	}
	return f, f.name == "telephone-event"
}

// chooseFingerprint takes the first whose hash is SHA-256, else the first.
func chooseFingerprint(values []string) string {
	for _, v := range values {
		if len(v) > 8 && strings.EqualFold(v[:8], "sha-256 ") {
			return v
		}
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// usableCandidate reports whether pion can use the candidate: UDP, the RTP
// component, a literal IPv4 address. A name (mDNS, ".local") is not looked up:
// the phone's own checks make it a peer-reflexive candidate (RFC 8445 section
// 7.3.1.3).
func usableCandidate(value string) bool {
	fields := strings.Fields(value)
	if len(fields) < 8 || fields[1] != "1" || !strings.EqualFold(fields[2], "udp") || fields[6] != "typ" {
		return false
	}
	ip, err := netip.ParseAddr(fields[4])
	if err != nil || !ip.Is4() {
		return false
	}
	if port, err := strconv.ParseUint(fields[5], 10, 16); err != nil || port == 0 {
		return false
	}
	_, err = strconv.ParseUint(fields[3], 10, 32)
	return err == nil && slices.Contains([]string{"host", "srflx", "prflx", "relay"}, fields[7])
}

// pionMid is the only mid in what pion sees.
const pionMid = "0"

// forPion writes the offer as pion takes it: one audio section, always
// sendrecv, no ssrc (a declared one would bar every other), our formats only.
func (o *offer) forPion() string {
	var b sdpWriter
	b.line("v=0")
	b.line("o=- 1 1 IN IP4 127.0.0.1")
	b.line("s=-")
	b.line("t=0 0")
	b.line("a=group:BUNDLE " + pionMid)
	b.line("m=audio 9 UDP/TLS/RTP/SAVPF" + payloadTypes(o.formats))
	b.line("c=IN IP4 0.0.0.0")
	b.line("a=mid:" + pionMid)
	b.line("a=rtcp-mux")
	b.line("a=sendrecv")
	b.line("a=ice-ufrag:" + o.ufrag)
	b.line("a=ice-pwd:" + o.pwd)
	b.line("a=fingerprint:" + o.fingerprint)
	b.line("a=setup:" + o.pionSetup())
	b.formats(o.formats)
	for _, c := range o.candidates {
		b.line("a=candidate:" + c)
	}
	b.line("a=end-of-candidates")
	return b.String()
}

// pionSetup is the offer's role, actpass when it is none that pion knows.
func (o *offer) pionSetup() string {
	if o.setup == "active" || o.setup == "passive" {
		return o.setup
	}
	return "actpass"
}

// local is our end of a session's transport.
type local struct {
	ufrag, pwd, fingerprint string
	setup                   string // of an answer: active or passive
	candidates              []string
	port                    string
}

// parseLocal takes our end out of pion's description. The DTLS role is the
// opposite of the offer's, or ours to choose (RFC 8842 section 5.3).
func parseLocal(text string, o *offer, passive bool) (local, error) {
	session, media := splitSDP(text)
	if len(media) == 0 {
		return local{}, errors.New("no media section in our own description")
	}
	lines := media[0]
	either := func(name string) string {
		if v, ok := lines.attribute(name); ok {
			return v
		}
		v, _ := session.attribute(name)
		return v
	}
	l := local{
		ufrag: either("ice-ufrag"), pwd: either("ice-pwd"),
		fingerprint: either("fingerprint"), setup: "active",
	}
	if o.setup == "active" || (passive && o.setup != "passive") {
		l.setup = "passive"
	}
	for _, c := range lines.attributes("candidate") {
		fields := strings.Fields(c)
		if usableCandidate(c) && fields[1] == "1" {
			// Without pion's additions (ufrag, generation), as an SBC writes it.
			l.candidates = append(l.candidates, strings.Join(fields[:8], " "))
			if l.port == "" {
				l.port = fields[5]
			}
		}
	}
	if l.ufrag == "" || l.pwd == "" || l.fingerprint == "" || l.port == "" {
		return local{}, errors.New("our own description lacks a candidate or credentials")
	}
	return l, nil
}

// describe writes our end as the phone gets it, everything but the o= line's
// numbers, which header adds. It mirrors the sections of the offer: one taken,
// every other refused. asOffer leaves the DTLS role open, as a new offer of an
// existing session does (RFC 8842 section 5.5).
func (l local) describe(o *offer, d direction, asOffer bool) string {
	var b sdpWriter
	if o.bundled {
		b.line("a=group:BUNDLE " + o.sections[o.audio].mid)
	}
	for i, s := range o.sections {
		if i != o.audio {
			b.line("m=" + s.kind + " 0 " + s.proto + " " + s.formats)
			b.line("c=IN IP4 127.0.0.1")
			if s.hasMid {
				b.line("a=mid:" + s.mid)
			}
			b.line("a=inactive")
			continue
		}
		b.line("m=audio " + l.port + " " + s.proto + payloadTypes(o.formats))
		b.line("c=IN IP4 127.0.0.1")
		if s.hasMid {
			b.line("a=mid:" + s.mid)
		}
		b.formats(o.formats)
		b.line("a=ptime:20")
		b.line("a=" + string(d))
		b.line("a=rtcp:" + l.port)
		if o.rtcpMux {
			b.line("a=rtcp-mux")
		}
		setup := l.setup
		if asOffer {
			setup = "actpass"
		}
		b.line("a=setup:" + setup)
		b.line("a=fingerprint:" + l.fingerprint)
		b.line("a=ice-ufrag:" + l.ufrag)
		b.line("a=ice-pwd:" + l.pwd)
		for _, c := range l.candidates {
			b.line("a=candidate:" + c)
		}
		b.line("a=end-of-candidates")
	}
	return b.String()
}

// describer numbers our descriptions: the version in o= grows by one exactly
// when something changed (RFC 3264 section 8).
type describer struct {
	session uint64
	version uint64
	last    string
}

// number puts the first lines before a body made by describe.
func (d *describer) number(body string) string {
	if body != d.last {
		d.version++
		d.last = body
	}
	return fmt.Sprintf("v=0\r\no=- %d %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n%s", d.session, d.version, body)
}

// payloadTypes lists the formats as the end of an m= line.
func payloadTypes(formats []format) string {
	var b strings.Builder
	for _, f := range formats {
		fmt.Fprintf(&b, " %d", f.pt)
	}
	return b.String()
}

// sdpWriter writes lines.
type sdpWriter struct{ strings.Builder }

func (w *sdpWriter) line(s string) {
	w.WriteString(s)
	w.WriteString("\r\n")
}

func (w *sdpWriter) formats(formats []format) {
	for _, f := range formats {
		w.line("a=rtpmap:" + f.rtpmap())
		if p := f.fmtp(); p != "" {
			w.line("a=fmtp:" + p)
		}
	}
}
