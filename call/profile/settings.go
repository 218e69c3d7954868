package profile

import "slices"

// Settings is all that a user or an administrator may choose. It is a value;
// copies share the memory of the lists, [Settings.Clone] does not.
type Settings struct {
	// Realm is the SIP domain, DN the own extension, and URL the SBC's address
	// (ws:// or wss://, path and query kept). Package call checks them at the
	// Dial; here they may be empty.
	Realm, DN, URL string
	// CA is the path of a PEM file with certificate authorities that are
	// trusted beside the system's; "" for none.
	CA string
	// User is the name for digest authentication, "" for the DN. It counts
	// only where a password is found (see [Password]).
	User string
	// PasswordFile is the path of a file whose first line is the password; ""
	// looks in the OS keyring.
	PasswordFile string
	// PushToken identifies this device to a push service; "" and "default"
	// mean none. It goes into the Contact as pn-prid (RFC 8599 section 4) with
	// PushProvider as pn-provider or, when PushHeader is set, into the header
	// field of that name instead.
	PushToken, PushProvider, PushHeader string
	// Register sends a REGISTER before the calls.
	Register bool
	// Codec is the codec that is offered first: "opus", "pcmu", "pcma"; ""
	// leaves the order to the phone.
	Codec string
	// Microphone and Speaker name devices; "" is the system's default and
	// [NullDevice] opens none.
	Microphone, Speaker string
	// Lang is "ko", "en", or "" for the system's.
	Lang string
	// Theme is "light", "dark", or "" for the system's.
	Theme string
	// LogLevel is "debug", "info", "warn" or "error"; "" is "warn".
	LogLevel string
	// ICEServers are asked for candidates; none by default, because host
	// candidates do on most company networks.
	ICEServers []ICEServer
	// SIPHeaders are added to every request that the phone sends, in order.
	SIPHeaders []Header
	// Origin is the Origin field of the WebSocket handshake, "" for none, and
	// HandshakeHeaders are added to that handshake, in order.
	Origin           string
	HandshakeHeaders []Header
	// WebAPI lets allowed web pages on this computer place calls.
	WebAPI bool
	// WebAPIOrigins are the pages that are allowed, as browsers write their
	// origins. All layers' lists add up; see [Store.Origins].
	WebAPIOrigins []string
	// WebAPIAsk asks the user about a page that is not among them; true by
	// default.
	WebAPIAsk bool
	// WebAPICode pairs a page only by the short code that the phone shows.
	WebAPICode bool
}

// defaults are the settings without any layer.
func defaults() Settings { return Settings{WebAPIAsk: true} }

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	// URL is stun:, stuns:, turn: or turns: (RFC 7064, RFC 7065).
	URL string `json:"url"`
	// User is the TURN user name. Its password is a secret: the keyring has
	// it under [TURNAccount].
	User string `json:"user,omitempty"`
}

// Header is one header field, of SIP or HTTP.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

const (
	// NullDevice as microphone or speaker: no device is opened, and silence is
	// sent in real time.
	NullDevice = "null"
	// DefaultDevice is another way to say "".
	DefaultDevice = "default"
)

// Clone returns a copy that shares no memory with s.
func (s Settings) Clone() Settings {
	s.ICEServers = slices.Clone(s.ICEServers)
	s.SIPHeaders = slices.Clone(s.SIPHeaders)
	s.HandshakeHeaders = slices.Clone(s.HandshakeHeaders)
	s.WebAPIOrigins = slices.Clone(s.WebAPIOrigins)
	return s
}
