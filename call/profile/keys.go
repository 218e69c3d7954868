package profile

import (
	"slices"
	"strings"
	"time"
)

// Key names a setting: in the file as it stands, as a flag with "--", in the
// environment by [Key.Env].
type Key string

// The keys, in the order in which they are listed and first written.
const (
	KeyRealm            Key = "realm"
	KeyDN               Key = "dn"
	KeyURL              Key = "url"
	KeyCA               Key = "ca"
	KeyUser             Key = "user"
	KeyPasswordFile     Key = "password-file"
	KeyPushToken        Key = "push-token"
	KeyPushProvider     Key = "push-provider"
	KeyPushHeader       Key = "push-header"
	KeyRegister         Key = "register"
	KeyCodec            Key = "codec"
	KeyMicrophone       Key = "microphone"
	KeySpeaker          Key = "speaker"
	KeyLang             Key = "lang"
	KeyTheme            Key = "theme"
	KeyLogLevel         Key = "log-level"
	KeyICEServers       Key = "ice-servers"
	KeySIPHeaders       Key = "sip-headers"
	KeyOrigin           Key = "origin"
	KeyHandshakeHeaders Key = "handshake-headers"
	KeyWebAPI           Key = "web-api"
	KeyWebAPIOrigins    Key = "web-api-origins"
	KeyWebAPIAsk        Key = "web-api-ask"
	KeyWebAPICode       Key = "web-api-code"

	// What the counsellor's window is like.
	KeyTextSize    Key = "text-size"
	KeyWindowSize  Key = "window-size"
	KeyOnTop       Key = "on-top"
	KeyMeters      Key = "meters"
	KeyTray        Key = "tray"
	KeyCloseToTray Key = "close-to-tray"
	KeyStart       Key = "start-with-session"

	// Sound.
	KeyRinger          Key = "ringer"
	KeyEcho            Key = "echo-cancellation"
	KeyNoise           Key = "noise-suppression"
	KeyGain            Key = "automatic-gain"
	KeyCeiling         Key = "limiter-ceiling"
	KeyBitrate         Key = "bitrate"
	KeyRedundancy      Key = "redundancy"
	KeyDTX             Key = "dtx"
	KeyMuteSound       Key = "mute-sound"
	KeyHeadset         Key = "headset"
	KeyHeadsetProfiles Key = "headset-profiles"
	KeyEchoNumber      Key = "echo-number"

	// Calls.
	KeyMaskNumbers     Key = "mask-numbers"
	KeyPresentedNumber Key = "presented-number"
	KeySpeedDials      Key = "speed-dials"
	KeyRecentCalls     Key = "recent-calls"
	KeyNotifications   Key = "notifications"
	KeyHotkeys         Key = "hotkeys"
	KeyHotkeyMute      Key = "hotkey-mute"
	KeyHotkeyHangup    Key = "hotkey-hangup"

	// What protects the counsellor.
	KeyNoticeFile  Key = "notice-file"
	KeyAfterCall   Key = "after-call"
	KeyRestMinutes Key = "rest-minutes"
	KeyHelpURL     Key = "help-url"

	// What an organisation sees of its phones, and what a report holds.
	KeyTelemetryURL         Key = "telemetry-url"
	KeyTelemetryHeadersFile Key = "telemetry-headers-file"
	KeyTelemetryAttributes  Key = "telemetry-attributes"
	KeyLogFile              Key = "log-file"
	KeySIPTrace             Key = "sip-trace"

	// Where an organisation's settings come from.
	KeyProvisionURL         Key = "provision-url"
	KeyProvisionKeys        Key = "provision-keys"
	KeyProvisionCertificate Key = "provision-certificate"
	KeyProvisionPrivateKey  Key = "provision-private-key"
	KeyProvisionEvery       Key = "provision-every"

	// Where newer versions are announced.
	KeyUpdateURL Key = "update-url"
	KeyUpdateKey Key = "update-key"

	// The kiosk, which only an organisation or the demo sets up.
	KeyKioskNumber         Key = "kiosk-number"
	KeyKioskEmergency      Key = "kiosk-emergency"
	KeyKioskPIN            Key = "kiosk-pin"
	KeyKioskLayout         Key = "kiosk-layout"
	KeyKioskSilence        Key = "kiosk-silence"
	KeyKioskIdle           Key = "kiosk-idle"
	KeyKioskVoice          Key = "kiosk-voice"
	KeyKioskSelfTest       Key = "kiosk-self-test"
	KeyKioskSelfTestNumber Key = "kiosk-self-test-number"
	KeyKioskHealth         Key = "kiosk-health"
)

// keyAudio is a shorthand for both devices at once. It stands on the command
// line and in the environment only, and is taken apart inside its layer: a
// --audio beats an NXPHONE_MICROPHONE, and a --microphone beside it wins.
const keyAudio Key = "audio"

// Env is the environment variable of the key.
func (k Key) Env() string {
	return "NXPHONE_" + strings.ToUpper(strings.ReplaceAll(string(k), "-", "_"))
}

// Info describes a key.
type Info struct {
	Key Key
	// Doc is one English sentence for help texts and manuals.
	Doc string
	// Flag: the key is also a flag of every command that calls.
	Flag bool
	// Sensitive: the value identifies a device or person, or may carry a
	// secret; show it masked, and leave it out of an export.
	Sensitive bool
	// PolicyOnly: only a managed policy or the demo may say it. Everywhere
	// else it is refused, with [CodePolicyOnly].
	PolicyOnly bool
	// Local: the value means something on one computer only, or could turn a
	// file of settings against whoever imports it. An export leaves it out and
	// an import does not take it.
	Local bool
	// Values says what the key takes, in English: "opus, pcmu, pcma" or
	// "0 to 120". It is "text" where anything goes.
	Values string
	// Default is the value without any layer, as a flag would spell it.
	Default string
	// Kind is the type of the value in a file.
	Kind Kind
	// Words are all texts that a key of KindText takes beside ""; nil where it
	// takes others.
	Words []string
	// Pattern is a regular expression, as ECMA-262 and RE2 both read it, that
	// every text which the key takes matches, and every item of a KindList; "" where anything does. It may
	// match more: the rule of the program is the exact one.
	Pattern string
	// Longest bounds a text in characters, 0 for none.
	Longest int
	// Least and Most bound a count; both 0 for other kinds.
	Least, Most int
	// Korean is Doc in Korean.
	Korean string
	// Example is a value that the key takes, as a flag would spell it. It is
	// never "" and never the default.
	Example string
}

// Kind is the type of a setting in a file.
type Kind string

// The kinds.
const (
	KindText   Kind = "text"   // a string
	KindSwitch Kind = "switch" // true or false
	KindCount  Kind = "count"  // a whole number
	KindTime   Kind = "time"   // a length of time, a string such as "90s"
	KindList   Kind = "list"   // an array of strings
	// An array of objects; which members they have is told by [Members].
	KindRecords Kind = "records"
)

// Keys lists every setting.
func Keys() []Info {
	var all []Info
	plain, said := defaults(), words()
	for _, f := range fields() {
		i := f.Info
		i.Values, i.Default = f.values(), f.text(&plain)
		i.Kind, i.Words, i.Longest = f.kind(), f.rule.words, f.rule.longest
		i.Pattern = f.pattern(i.Kind)
		if i.Kind == KindCount {
			i.Least, i.Most = int(f.rule.least), int(f.rule.most)
		}
		i.Korean, i.Example = said[f.Key].korean, said[f.Key].example
		all = append(all, i)
	}
	return all
}

// kind is the type of the field's value.
func (f field) kind() Kind {
	switch f.at(new(Settings)).(type) {
	case *string:
		return KindText
	case *bool:
		return KindSwitch
	case *int:
		return KindCount
	case *time.Duration:
		return KindTime
	case *[]string:
		return KindList
	}
	return KindRecords
}

// Patterns of whole kinds; see [Info].Pattern. The first holds the characters
// themselves, because the two dialects write their numbers differently.
const (
	plainPattern  = "^[^\x00-\x1f\x7f-\u009f]*$"
	originPattern = `^https?://([-a-z0-9_.]+|\[[0-9a-f:.]+\])(:[1-9][0-9]*)?$`
	timePattern   = `^[+]?(0|(([0-9]+[.]?[0-9]*|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`
)

func (f field) pattern(k Kind) string {
	switch {
	case f.rule.pattern != "":
		return f.rule.pattern
	case k == KindText && f.rule.words == nil:
		return plainPattern
	case k == KindTime:
		return timePattern
	case k == KindList && f.adds(): // of each item
		return originPattern
	}
	return ""
}

// Member is one member of the objects of a list.
type Member struct {
	Name     string
	Required bool
	// Pattern and Longest are as in [Info].
	Pattern string
	Longest int
}

// Members are what the objects of a key of KindRecords hold, nil for other keys;
// most is how many objects there may be, 0 for any number.
func Members(k Key) (members []Member, most int) {
	name := Member{Name: "name", Required: true, Pattern: `^(?:[^ ]|.*[^ ].*)$`, Longest: maxName}
	device := func(name string) Member { return Member{Name: name, Pattern: plainPattern} }
	switch k {
	case KeyICEServers:
		return []Member{{Name: "url", Required: true, Pattern: `^(stun|stuns|turn|turns):.+$`}, {Name: "user", Pattern: plainPattern}}, 0
	case KeySIPHeaders, KeyHandshakeHeaders:
		return []Member{{Name: "name", Required: true, Pattern: "^[-.!%*_+`'~0-9A-Za-z]+$"}, {Name: "value", Required: false, Pattern: plainPattern}}, 0
	case KeySpeedDials:
		return []Member{name, {Name: "tel", Required: true, Pattern: `^\+?[0-9*#]+$`}}, MaxSpeedDials
	case KeyHeadsetProfiles:
		return []Member{name, device("microphone"), device("speaker"), device("ringer")}, 0
	}
	return nil, 0
}

// known reports whether there is such a setting.
func known(k Key) bool {
	return slices.ContainsFunc(fields(), func(f field) bool { return f.Key == k })
}

// field ties a key to its place in Settings and to the rule of its values.
type field struct {
	Info
	// at gives a *string, *bool, *int, *time.Duration, *[]string or a pointer
	// to one of the lists of records.
	at   func(*Settings) any
	rule rule
}

// adds reports whether the layers' values of a key add up instead of one taking
// another's place: what an administrator allows does not take away what the
// user has allowed.
func (f field) adds() bool { return f.Key == KeyWebAPIOrigins }
