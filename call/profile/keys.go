package profile

import (
	"slices"
	"strings"
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
}

// Keys lists every setting.
func Keys() []Info {
	var all []Info
	plain := defaults()
	for _, f := range fields() {
		i := f.Info
		i.Values, i.Default = f.values(), f.text(&plain)
		all = append(all, i)
	}
	return all
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
