package profile

import (
	"slices"
	"strings"
	"time"
)

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
	// Theme is [ThemeLight], [ThemeDark], [ThemeContrast], or "" for the
	// system's.
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

	// TextSize is the size of the window's text in per cent, 100 to 200.
	TextSize int
	// WindowSize is [WindowFull], [WindowPhone] or [WindowCompact]; "" is what the window was
	// when it was closed last.
	WindowSize string
	// OnTop keeps the window above all others, where the system lets it.
	OnTop bool
	// Meters shows the level of both voices in a call; true by default.
	Meters bool
	// Tray shows the phone's state in the tray; true by default. CloseToTray
	// keeps the phone there when the window is closed.
	Tray, CloseToTray bool
	// StartWithSession starts the phone with the desktop session.
	StartWithSession bool

	// Ringer is the device of signals, "" for the speaker and [NullDevice] for
	// none.
	Ringer string
	// EchoCancellation takes the far end's voice out of the microphone's sound,
	// NoiseSuppression the background, and AutomaticGain brings the voice to an
	// even level; all true by default.
	EchoCancellation, NoiseSuppression, AutomaticGain bool
	// LimiterCeiling is how far below full scale, in dB, everything that goes to
	// the speaker is kept; 0 for no protection of the ear at all.
	LimiterCeiling int
	// Bitrate is the most that an Opus voice takes, in kb/s, 16 to 48; 48 by
	// default. What the network bears decides below it.
	Bitrate int
	// Redundancy sends earlier packets along when many get lost, if the far end
	// can; true by default. DTX sends no packets in silence.
	Redundancy, DTX bool
	// MuteSound plays a short sound when the microphone has been shut or
	// opened; true by default.
	MuteSound bool
	// Headset lets buttons and lights of a USB headset take part; true by
	// default.
	Headset bool
	// HeadsetProfiles are devices that belong together, chosen when they are
	// plugged in. The first whose devices are there counts.
	HeadsetProfiles []HeadsetProfile
	// EchoNumber is what a test call dials, "" for none (see
	// [Settings.TestNumber]).
	EchoNumber string

	// MaskNumbers is [MaskNone], [MaskLast4], [MaskLast2] or [MaskAll]; "" is
	// MaskNone. See [Settings.VisibleDigits].
	MaskNumbers string
	// PresentedNumber is what the far end sees, "" for the extension; see
	// [Settings.Presented]. It is shown, never sent: the SBC decides.
	PresentedNumber string
	// SpeedDials are numbers with a button of their own.
	SpeedDials []SpeedDial
	// RecentCalls is [RecentOff], [RecentMemory] or a number of days; "" is
	// RecentMemory. See [Settings.Recent].
	RecentCalls string
	// Notifications of the desktop; true by default.
	Notifications bool
	// Hotkeys lets the two keys work in every window. Each is modifiers and a
	// key joined by "+", or "" for none.
	Hotkeys                  bool
	HotkeyMute, HotkeyHangup string
	// NoticeFile is the path of a WAV file with the notice of a lawful ending,
	// "" for none.
	NoticeFile string
	// AfterCall goes into the after-call state when an answered call has
	// ended.
	AfterCall bool
	// RestMinutes is the rest offered after a hard call, 0 for none; see
	// [Settings.RestTime].
	RestMinutes int
	// HelpURL is called when a counsellor asks for help silently, "" for none.
	HelpURL string

	// TelemetryURL is an OpenTelemetry collector's address, "" for none.
	// TelemetryHeadersFile is the path of a file with header fields for it, and
	// TelemetryAttributes is "name=value,name=value"; see [Settings.Attributes].
	TelemetryURL, TelemetryHeadersFile, TelemetryAttributes string
	// LogFile keeps the last messages in a file, without numbers; true by
	// default. SIPTrace writes the SIP messages there too.
	LogFile, SIPTrace bool

	// ProvisionURL is where the organisation's signed settings are, "" for
	// nowhere, and ProvisionKeys the keys of which one has signed them; see
	// package provision.
	ProvisionURL  string
	ProvisionKeys []string
	// ProvisionCertificate and ProvisionPrivateKey are paths of PEM files, ""
	// for none. ProvisionEvery is the time between two questions.
	ProvisionCertificate, ProvisionPrivateKey string
	ProvisionEvery                            time.Duration

	// UpdateURL is where newer versions are announced, "" for nowhere, and
	// UpdateKeys the keys of minisign of which one has signed them, none for
	// those that the program was built with; see package update.
	UpdateURL  string
	UpdateKeys []string

	// The kiosk. These come from a managed policy or the demo only.

	// KioskNumber is what the large button dials. KioskEmergency is the second
	// button's number, "" for no such button.
	KioskNumber, KioskEmergency string
	// KioskPIN is the argon2id hash, in PHC form, of the administrator's PIN;
	// "" leaves no way out.
	KioskPIN string
	// KioskLayout is [KioskHigh] or [KioskLow]; "" is KioskHigh.
	KioskLayout string
	// KioskSilence ends a call after so much silence, 0 for never. KioskIdle
	// starts the kiosk afresh after so long without a touch.
	KioskSilence, KioskIdle time.Duration
	// KioskVoice speaks the guidance; true by default.
	KioskVoice bool
	// KioskSelfTest is the time of day of the test call as HH:MM, "" for none,
	// and KioskSelfTestNumber its number; see [Settings.KioskTestNumber].
	KioskSelfTest, KioskSelfTestNumber string
	// KioskHealth is the loopback HOST:PORT of the health page, "" for none.
	KioskHealth string
}

// Words of settings that take one of a few.
const (
	ThemeLight    = "light"
	ThemeDark     = "dark"
	ThemeContrast = "contrast"

	WindowFull    = "full"
	WindowPhone   = "phone"
	WindowCompact = "compact"

	MaskNone  = "none"
	MaskLast4 = "last-4"
	MaskLast2 = "last-2"
	MaskAll   = "all"

	RecentOff    = "off"
	RecentMemory = "memory"

	KioskHigh = "high"
	KioskLow  = "low"
)

// maxCeiling bounds how far below full scale the ear's ceiling may be, in dB:
// under it a voice of usual level would be cut.
const maxCeiling = 24

// Bounds of the kiosk's times.
const (
	minKioskIdle = 5 * time.Second
	maxKioskTime = time.Hour
)

// Bounds of the time between two questions to the organisation's server.
const (
	minProvision = 5 * time.Minute
	maxProvision = 24 * time.Hour
)

// MaxSpeedDials is how many speed dials there may be: more than one can find
// without looking is no speed dial.
const MaxSpeedDials = 24

// defaults are the settings without any layer. What is true, or not nought, by
// default stands here and nowhere else.
func defaults() Settings {
	return Settings{
		WebAPIAsk: true, TextSize: 100, Meters: true, Tray: true, MuteSound: true, EchoCancellation: true, NoiseSuppression: true, AutomaticGain: true, LimiterCeiling: 6, Bitrate: 48, Redundancy: true, Headset: true, Notifications: true,
		HotkeyMute: "Ctrl+Shift+F9", HotkeyHangup: "Ctrl+Shift+F10", RestMinutes: 10,
		LogFile: true, KioskIdle: time.Minute, KioskVoice: true, ProvisionEvery: time.Hour,
	}
}

// Default returns the settings without any file, variable, flag or policy.
func Default() Settings { return defaults() }

// VisibleDigits is how many digits at the end of a number may be shown; -1 for
// all of them.
func (s Settings) VisibleDigits() int {
	switch s.MaskNumbers {
	case MaskLast4:
		return 4
	case MaskLast2:
		return 2
	case MaskAll:
		return 0
	}
	return -1
}

// Presented is the number that the far end sees.
func (s Settings) Presented() string {
	if s.PresentedNumber != "" {
		return s.PresentedNumber
	}
	return s.DN
}

// Recent says how recent calls are kept: keep is false for not at all, and days
// is 0 for as long as the phone runs.
func (s Settings) Recent() (keep bool, days int) {
	if s.RecentCalls == RecentOff {
		return false, 0
	}
	return true, daysOf(s.RecentCalls)
}

// Attributes are TelemetryAttributes, apart: names and values in turn.
func (s Settings) Attributes() []string {
	var all []string
	for one := range strings.SplitSeq(s.TelemetryAttributes, ",") {
		if name, value, ok := strings.Cut(strings.TrimSpace(one), "="); ok {
			all = append(all, strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return all
}

// RestTime is the rest offered after a hard call, 0 for none.
func (s Settings) RestTime() time.Duration { return time.Duration(s.RestMinutes) * time.Minute }

// demoEcho is the number of the demo SBC that echoes.
const demoEcho = "600"

// TestNumber is what a test call dials, "" where there is none. demo says that
// the line is the demo SBC.
func (s Settings) TestNumber(demo bool) string {
	if s.EchoNumber == "" && demo {
		return demoEcho
	}
	return s.EchoNumber
}

// KioskTestNumber is what the kiosk's test call dials, "" where there is none.
func (s Settings) KioskTestNumber(demo bool) string {
	if s.KioskSelfTestNumber != "" {
		return s.KioskSelfTestNumber
	}
	return s.TestNumber(demo)
}

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

// SpeedDial is a number with a button of its own.
type SpeedDial struct {
	Name string `json:"name"`
	// Tel is digits, * and #, perhaps with a + in front.
	Tel string `json:"tel"`
}

// HeadsetProfile is a set of devices that belong together. Each device is as in
// [Settings]: "" is the system's default, [NullDevice] none, and a part of a
// name is enough.
type HeadsetProfile struct {
	Name       string `json:"name"`
	Microphone string `json:"microphone,omitempty"`
	Speaker    string `json:"speaker,omitempty"`
	Ringer     string `json:"ringer,omitempty"`
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
	s.ProvisionKeys = slices.Clone(s.ProvisionKeys)
	s.UpdateKeys = slices.Clone(s.UpdateKeys)
	s.HeadsetProfiles = slices.Clone(s.HeadsetProfiles)
	s.SpeedDials = slices.Clone(s.SpeedDials)
	return s
}
