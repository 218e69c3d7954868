package ui

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// Values are the settings in force, as the window needs them. Make them with
// [NewValues]; what changes them is [Settings].Save.
type Values struct {
	// Keys has every setting by the name of its key in the settings file, with
	// where it comes from. The fields below say the same in the window's own
	// types. It is not to be changed.
	Keys map[string]present.Setting

	Realm, DN, URL string
	// PushToken goes into each Dial; the window does not show it.
	PushToken string
	// CAFile is a path to PEM certificates, empty for the system's roots.
	CAFile string
	// User is the name for digest authentication, empty for the extension.
	User string
	// Microphone, Speaker and Ringer are IDs of devices, empty for the
	// system's default (the ringer's: the speaker).
	Microphone, Speaker, Ringer string
	// Lang is empty to follow the system.
	Lang text.Lang
	// Theme is empty to follow the system.
	Theme look.Brightness
	// TextSize is in per cent; 0 counts as 100.
	TextSize int
	// WindowSize is "full", "compact", or empty for what it was.
	WindowSize string
	// OnTop, Meters, Tray, CloseToTray and Notifications are as in package
	// profile.
	OnTop, Meters, Tray, CloseToTray, Notifications bool
	// EchoCancellation, NoiseSuppression, AutomaticGain and LimiterCeiling are as
	// in package profile.
	EchoCancellation, NoiseSuppression, AutomaticGain bool
	LimiterCeiling                                    int
	// MuteSound plays a short sound when the microphone is shut or opened.
	MuteSound bool
	// Headset uses the buttons of a USB headset, and HeadsetProfiles are
	// devices that belong together.
	Headset         bool
	HeadsetProfiles []present.HeadsetProfile
	// EchoNumber is what a test call dials, empty for none; see
	// [Values.TestNumber].
	EchoNumber string
	// MaskNumbers is "none", "last-4", "last-2" or "all"; see
	// [Values.VisibleDigits].
	MaskNumbers string
	// PresentedNumber is what the far end sees, empty for the extension.
	PresentedNumber string
	SpeedDials      []present.SpeedDial
	// RecentCalls is "off", "memory" or a number of days.
	RecentCalls string
	// Hotkeys lets the two keys work in every window.
	Hotkeys                  bool
	HotkeyMute, HotkeyHangup string
	// NoticeFile is the notice of a lawful ending.
	NoticeFile string
	// AfterCall goes into the after-call state by itself.
	AfterCall bool
	// RestMinutes is the rest offered after a hard call.
	RestMinutes int

	// WebAPI: web pages may place calls with this phone; WebAPIAsk: one that
	// is not allowed may ask; WebAPICode: only by a code.
	WebAPI, WebAPIAsk, WebAPICode bool
	// WebAPIFixed: a policy or the command line decides WebAPI.
	WebAPIFixed bool
	// Origins are those that the user has allowed. They are shown and not
	// saved: the question adds them and Web.Revoke takes them away, so that a
	// form that was opened earlier cannot undo a Yes.
	Origins []string
	// FixedOrigins are those that a policy or the command line allows.
	FixedOrigins []string
}

// NewValues makes Values of the settings in force. The caller adds Origins and
// FixedOrigins. A value that is not of its key's type, which a store does not
// have, counts as none.
func NewValues(keys map[string]present.Setting) Values {
	v := Values{Keys: keys}
	for _, f := range valueFields() {
		if s, ok := keys[f.key]; ok {
			f.set(&v, s.Text)
		}
	}
	v.WebAPIFixed = keys["web-api"].Locked
	return v
}

// With is v with some settings changed by the user, for what stands in place
// of a store.
func (v Values) With(changes map[string]string) Values {
	keys := maps.Clone(v.Keys)
	if keys == nil {
		keys = v.settings()
	}
	for k, t := range changes {
		s := keys[k]
		s.Text, s.From = t, present.FromUser
		keys[k] = s
		for _, f := range valueFields() {
			if f.key == k {
				f.set(&v, t)
			}
		}
	}
	v.Keys = keys
	return v
}

// settings are the keys of hand-made Values.
func (v Values) settings() map[string]present.Setting {
	all := map[string]present.Setting{}
	for _, f := range valueFields() {
		s := present.Setting{Text: f.text(&v), From: present.FromUser}
		if f.key == "web-api" && v.WebAPIFixed {
			s.From, s.Locked = present.FromOrganisation, true
		}
		all[f.key] = s
	}
	return all
}

// Setting is one setting by its key.
func (v Values) Setting(key string) present.Setting {
	if v.Keys == nil {
		return v.settings()[key]
	}
	return v.Keys[key]
}

// VisibleDigits is how many digits at the end of a number may be shown; -1 for
// all of them.
func (v Values) VisibleDigits() int {
	switch v.MaskNumbers {
	case "last-4":
		return 4
	case "last-2":
		return 2
	case "all":
		return 0
	}
	return -1
}

// Presented is the number that the far end sees.
func (v Values) Presented() string {
	if v.PresentedNumber != "" {
		return v.PresentedNumber
	}
	return v.DN
}

// RestTime is the rest offered after a hard call, 0 for none.
func (v Values) RestTime() time.Duration { return time.Duration(v.RestMinutes) * time.Minute }

// demoEcho is the demo SBC's number that echoes.
const demoEcho = "600"

// TestNumber is what a test call dials, empty where there is none.
func (v Values) TestNumber(demo bool) string {
	if v.EchoNumber == "" && demo {
		return demoEcho
	}
	return v.EchoNumber
}

// Keys are the settings that the window reads into fields of Values.
func Keys() []string {
	var all []string
	for _, f := range valueFields() {
		all = append(all, f.key)
	}
	return all
}

// valueField ties a key to a field of Values.
type valueField struct {
	key string
	at  func(*Values) any
}

func valueFields() []valueField {
	return []valueField{
		{"realm", func(v *Values) any { return &v.Realm }},
		{"dn", func(v *Values) any { return &v.DN }},
		{"url", func(v *Values) any { return &v.URL }},
		{"ca", func(v *Values) any { return &v.CAFile }},
		{"user", func(v *Values) any { return &v.User }},
		{"push-token", func(v *Values) any { return &v.PushToken }},
		{"microphone", func(v *Values) any { return &v.Microphone }},
		{"speaker", func(v *Values) any { return &v.Speaker }},
		{"ringer", func(v *Values) any { return &v.Ringer }},
		{"lang", func(v *Values) any { return &v.Lang }},
		{"theme", func(v *Values) any { return &v.Theme }},
		{"text-size", func(v *Values) any { return &v.TextSize }},
		{"window-size", func(v *Values) any { return &v.WindowSize }},
		{"on-top", func(v *Values) any { return &v.OnTop }},
		{"meters", func(v *Values) any { return &v.Meters }},
		{"tray", func(v *Values) any { return &v.Tray }},
		{"close-to-tray", func(v *Values) any { return &v.CloseToTray }},
		{"notifications", func(v *Values) any { return &v.Notifications }},
		{"echo-cancellation", func(v *Values) any { return &v.EchoCancellation }},
		{"noise-suppression", func(v *Values) any { return &v.NoiseSuppression }},
		{"automatic-gain", func(v *Values) any { return &v.AutomaticGain }},
		{"limiter-ceiling", func(v *Values) any { return &v.LimiterCeiling }},
		{"mute-sound", func(v *Values) any { return &v.MuteSound }},
		{"headset", func(v *Values) any { return &v.Headset }},
		{"headset-profiles", func(v *Values) any { return &v.HeadsetProfiles }},
		{"echo-number", func(v *Values) any { return &v.EchoNumber }},
		{"mask-numbers", func(v *Values) any { return &v.MaskNumbers }},
		{"presented-number", func(v *Values) any { return &v.PresentedNumber }},
		{"speed-dials", func(v *Values) any { return &v.SpeedDials }},
		{"recent-calls", func(v *Values) any { return &v.RecentCalls }},
		{"hotkeys", func(v *Values) any { return &v.Hotkeys }},
		{"hotkey-mute", func(v *Values) any { return &v.HotkeyMute }},
		{"hotkey-hangup", func(v *Values) any { return &v.HotkeyHangup }},
		{"notice-file", func(v *Values) any { return &v.NoticeFile }},
		{"after-call", func(v *Values) any { return &v.AfterCall }},
		{"rest-minutes", func(v *Values) any { return &v.RestMinutes }},
		{"web-api", func(v *Values) any { return &v.WebAPI }},
		{"web-api-ask", func(v *Values) any { return &v.WebAPIAsk }},
		{"web-api-code", func(v *Values) any { return &v.WebAPICode }},
	}
}

// set reads a value; device "default" is the empty one.
func (f valueField) set(v *Values, s string) {
	switch p := f.at(v).(type) {
	case *string:
		*p = s
		if s == "default" && slices.Contains([]string{"microphone", "speaker", "ringer"}, f.key) {
			*p = ""
		}
	case *text.Lang:
		*p = text.Lang(s)
	case *look.Brightness:
		*p = look.Brightness(s)
	case *bool:
		*p = s == "true"
	case *int:
		*p, _ = strconv.Atoi(s)
	case *[]present.SpeedDial:
		*p = nil
		_ = json.Unmarshal([]byte(s), p)
	case *[]present.HeadsetProfile:
		*p = nil
		_ = json.Unmarshal([]byte(s), p)
	}
}

// text spells a value as set reads it.
func (f valueField) text(v *Values) string {
	switch p := f.at(v).(type) {
	case *string:
		return *p
	case *text.Lang:
		return string(*p)
	case *look.Brightness:
		return string(*p)
	case *bool:
		return strconv.FormatBool(*p)
	case *int:
		return strconv.Itoa(*p)
	case *[]present.SpeedDial:
		return asJSON(*p)
	case *[]present.HeadsetProfile:
		return asJSON(*p)
	}
	return ""
}

// asJSON spells a list; an empty one is [].
func asJSON[T any](list []T) string {
	data, _ := json.Marshal(append([]T{}, list...)) // structs of strings cannot fail
	return string(data)
}

// Settings keeps the settings. Its methods are called from several goroutines
// and may wait for a disk or for the user to unlock a keyring; on the UI's own
// only Check and, at the start, Values are called.
type Settings interface {
	// Values are the settings in force.
	Values() Values
	// Check reports whether a key takes a value. It does not wait.
	Check(key, value string) bool
	// Save keeps changed settings, by their keys, and puts them in force; the
	// others stay as they are. What something above the user decides is kept
	// too, without an effect now. It is ErrWebAPI or ErrWebAPIKey when
	// everything was saved but web pages cannot reach the phone.
	Save(ctx context.Context, changes map[string]string) error
	// Export gives the user's own settings as a file to be carried elsewhere:
	// no password, no token, nothing else that may be a secret.
	Export() ([]byte, error)
	// Import says what a file of settings would change; nothing is changed
	// yet. The error is a *present.FileFault where the file is wrong.
	Import(data []byte) (present.Import, error)
	// HasPassword reports whether a password is kept for the user of v. It is
	// ErrNoKeyring where none can be.
	HasPassword(ctx context.Context, v Values) (bool, error)
	// SetPassword keeps the password for the user of v; an empty one forgets
	// it. It is ErrNoKeyring where there is no keyring.
	SetPassword(ctx context.Context, v Values, password string) error
}

// ErrNoKeyring: the system has no place for secrets.
var ErrNoKeyring = errors.New("ui: no keyring")

// ErrWebAPI: the web API is switched on, but found no port to listen on.
var ErrWebAPI = errors.New("ui: web API has no port")

// ErrWebAPIKey: the web API is switched on, but the file with its key is damaged
// or cannot be read.
var ErrWebAPIKey = errors.New("ui: web API has no key")
