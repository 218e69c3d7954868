package sdp

import "strings"

// Direction says who may send, as seen by the one who wrote it (RFC 3264
// section 5.1).
type Direction int

// The four directions.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

func (d Direction) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d]
}

// Sends reports whether the writer may send.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives reports whether the writer is willing to receive.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// Flip gives the answer that follows a direction most closely (RFC 3264
// section 6.1): what one side sends, the other receives.
func (d Direction) Flip() Direction {
	switch d {
	case SendOnly:
		return RecvOnly
	case RecvOnly:
		return SendOnly
	}
	return d
}

// Setup is the writer's part in the DTLS handshake (RFC 8842 section 5).
type Setup int

// Undecided stands for actpass, holdconn, nonsense or no attribute: the other
// side has to see who begins.
const (
	Undecided Setup = iota
	// Active: the writer is the DTLS client.
	Active
	// Passive: the writer waits for the ClientHello.
	Passive
)

func (s Setup) String() string {
	return [...]string{"actpass", "active", "passive"}[s]
}

func parseSetup(v string) Setup {
	switch strings.ToLower(v) {
	case "active":
		return Active
	case "passive":
		return Passive
	}
	return Undecided
}

// Codec is one payload format.
type Codec struct {
	// PT is the payload type, 0 to 127.
	PT uint8
	// Name is the encoding name in lower case: "opus", "pcma", "pcmu",
	// "telephone-event", "red".
	Name string
	// Rate is the RTP clock in Hz, which is 48000 for Opus at any quality.
	Rate int
	// Channels is 2 for Opus whatever is sent (RFC 7587 section 7), else 0.
	Channels int
	// Fmtp is the text of a=fmtp, or "".
	Fmtp string
}

// Names of the formats that this phone knows.
const (
	Opus  = "opus"
	PCMA  = "pcma"
	PCMU  = "pcmu"
	Event = "telephone-event"
	// RED is redundancy around another codec (RFC 2198).
	RED = "red"
)

// Voice reports whether the codec is one that a call can be held in.
func (c Codec) Voice() bool { return c.Name != "" && c.Name != Event && c.Name != RED }

// Same reports whether two codecs are the same format, whatever numbers they
// were given.
func (c Codec) Same(d Codec) bool { return c.Name == d.Name && c.Rate == d.Rate }

// staticCodecs are the payload types that need no rtpmap (RFC 3551 section 6).
func staticCodec(pt uint8) (Codec, bool) {
	switch pt {
	case 0:
		return Codec{PT: 0, Name: PCMU, Rate: 8000}, true
	case 8:
		return Codec{PT: 8, Name: PCMA, Rate: 8000}, true
	}
	return Codec{}, false
}

// Fingerprint is the hash of a certificate (RFC 8122).
type Fingerprint struct {
	// Hash is the hash function in lower case, say "sha-256".
	Hash string
	// Value is upper-case hexadecimal bytes with colons between.
	Value string
}

// Candidate is one ICE candidate of component 1 over UDP (RFC 8839 section
// 5.1), with an IP address.
type Candidate struct {
	Foundation string
	Priority   uint32
	Addr       string // an IP address
	Port       int
	Type       string // host, srflx, prflx, relay
	// RelAddr and RelPort are the related address, "" where there is none.
	RelAddr string
	RelPort int
}
