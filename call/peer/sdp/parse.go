package sdp

import (
	"errors"
	"strconv"
	"strings"
)

// Bounds on what is read from the network.
const (
	maxText       = 64 << 10
	maxSections   = 32
	maxCandidates = 32
)

// ErrMalformed: the text is no SDP at all, or beyond all bounds.
var ErrMalformed = errors.New("sdp: not a session description")

// Session is one session description as it was written, sorted into lines.
// Names of attributes are in lower case, values as they came.
type Session struct {
	// Origin is the text after o=, empty when there was none.
	Origin string
	// Conn is the address of the session-level c= line.
	Conn     string
	Attrs    []Attr
	Sections []Section
}

// Section is one m= line and what belongs to it.
type Section struct {
	// Kind is "audio", "video", ..., in lower case.
	Kind string
	// Port is 0 for a section that was refused (RFC 3264 section 6).
	Port int
	// Proto is the transport as written, say "UDP/TLS/RTP/SAVPF".
	Proto   string
	Formats []string
	// Conn is the address of the section's own c= line, or "".
	Conn  string
	Attrs []Attr
}

// Attr is one a= line: "name" or "name:value".
type Attr struct{ Name, Value string }

// Parse reads a description. It never panics; text that has no m= line or is
// longer than 64 KiB gives ErrMalformed. A line that cannot be understood is
// skipped.
func Parse(text string) (*Session, error) {
	if len(text) > maxText {
		return nil, ErrMalformed
	}
	s := &Session{}
	var cur *Section
	for line := range strings.FieldsFuncSeq(text, isLineEnd) {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[1] != '=' {
			continue
		}
		value := strings.TrimSpace(line[2:])
		switch line[0] {
		case 'm', 'M':
			if len(s.Sections) == maxSections {
				return nil, ErrMalformed
			}
			s.Sections = append(s.Sections, parseSection(value))
			cur = &s.Sections[len(s.Sections)-1]
		case 'o', 'O':
			s.Origin = value
		case 'c', 'C':
			if cur != nil {
				cur.Conn = connAddress(value)
			} else {
				s.Conn = connAddress(value)
			}
		case 'a', 'A':
			a := parseAttr(value)
			if cur != nil {
				cur.Attrs = append(cur.Attrs, a)
			} else {
				s.Attrs = append(s.Attrs, a)
			}
		}
	}
	if len(s.Sections) == 0 {
		return nil, ErrMalformed
	}
	return s, nil
}

func isLineEnd(r rune) bool { return r == '\r' || r == '\n' }

// parseSection reads "audio 9/2 UDP/TLS/RTP/SAVPF 111 0". A port that is no
// port counts as 0: nobody can send there.
func parseSection(value string) Section {
	f := strings.Fields(value)
	var sec Section
	if len(f) > 0 {
		sec.Kind = strings.ToLower(f[0])
	}
	if len(f) > 1 {
		port, _, _ := strings.Cut(f[1], "/")
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			sec.Port = int(n)
		}
	}
	if len(f) > 2 {
		sec.Proto = f[2]
		sec.Formats = f[3:]
	}
	return sec
}

// connAddress takes the address out of "IN IP4 192.0.2.1/127".
func connAddress(value string) string {
	f := strings.Fields(value)
	if len(f) < 3 {
		return ""
	}
	addr, _, _ := strings.Cut(f[2], "/")
	return addr
}

func parseAttr(value string) Attr {
	name, rest, _ := strings.Cut(value, ":")
	return Attr{strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(rest)}
}

// attr finds an attribute of a section, or, where it has none, the session's:
// most of those that matter may stand at either level (RFC 8839 section 5.4,
// RFC 8122 section 5, RFC 8866 section 6.7).
func (s *Session) attr(sec *Section, name string) (string, bool) {
	if v, ok := find(sec.Attrs, name); ok {
		return v, true
	}
	return find(s.Attrs, name)
}

func find(attrs []Attr, name string) (string, bool) {
	for _, a := range attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// all collects the values of an attribute that may come more than once, the
// section's own first.
func (s *Session) all(sec *Section, name string) []string {
	var vs []string
	for _, attrs := range [2][]Attr{sec.Attrs, s.Attrs} {
		for _, a := range attrs {
			if a.Name == name {
				vs = append(vs, a.Value)
			}
		}
	}
	return vs
}
