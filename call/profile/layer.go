package profile

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
)

// Source says where a value comes from. A greater one wins.
type Source int

// The numbers are written out because `policy` and support files show them.
const (
	// SourceDefault: built in.
	SourceDefault Source = 0
	// SourceRecommended: an administrator's proposal, which the user may change.
	SourceRecommended Source = 1
	// SourceFile: the user's settings.json.
	SourceFile Source = 2
	// SourceEnvironment: an NXPHONE_ variable.
	SourceEnvironment Source = 3
	// SourceDemo: the demo SBC supplies realm, URL and CA.
	SourceDemo Source = 4
	// SourceFlag: the command line.
	SourceFlag Source = 5
	// SourceProvisioned: an order of the organisation's server, which a managed
	// policy has named.
	SourceProvisioned Source = 6
	// SourceManaged: an administrator's order on this machine.
	SourceManaged Source = 7
)

func (s Source) String() string {
	switch s {
	case SourceDefault:
		return "default"
	case SourceRecommended:
		return "recommended"
	case SourceFile:
		return "file"
	case SourceEnvironment:
		return "environment"
	case SourceDemo:
		return "demo"
	case SourceFlag:
		return "flag"
	case SourceProvisioned:
		return "provisioned"
	case SourceManaged:
		return "managed"
	}
	return "source(" + strconv.Itoa(int(s)) + ")"
}

// Layer is a set of values from one source. The zero value is an empty layer
// of defaults.
type Layer struct {
	// Source ranks the layer.
	Source Source
	values map[Key]layerValue
	// held are keys that the layer keeps as the layers below have them, by the
	// origin that could not be read; see [PolicyReader]. everything holds all
	// keys.
	held       map[Key]string
	everything string
	// served: the organisation's server has said it; see [Store.Local].
	served bool
}

type layerValue struct {
	text   string
	origin string // "--url", "NXPHONE_URL", "settings.json"
}

// NewLayer makes a layer of values given as text; origin is what [Value.Origin]
// shows for them. The error is an [Error] for the first value refused.
func NewLayer(source Source, origin string, values map[Key]string) (Layer, error) {
	l := Layer{Source: source}
	for _, f := range fields() {
		text, ok := values[f.Key]
		if !ok {
			continue
		}
		if err := cmp.Or(f.allowed(source), f.parse(new(Settings), text)); err != nil {
			code, _ := codeFor(err)
			return Layer{}, &Error{Code: code, Key: f.Key, Source: origin, Detail: err.Error()}
		}
		l.put(f.Key, text, origin)
	}
	for k := range values {
		if _, ok := l.values[k]; !ok {
			return Layer{}, &Error{Code: CodeBadSetting, Key: k, Source: origin, Detail: "there is no such setting"}
		}
	}
	return l, nil
}

func (l *Layer) put(k Key, text, origin string) {
	if l.values == nil {
		l.values = map[Key]layerValue{}
	}
	l.values[k] = layerValue{text, origin}
}

// spread takes the shorthand apart: it stands for whichever of the two devices
// the layer does not name.
func (l *Layer) spread() {
	v, ok := l.values[keyAudio]
	if !ok {
		return
	}
	for _, k := range []Key{KeyMicrophone, KeySpeaker} {
		if _, named := l.values[k]; !named {
			l.values[k] = v
		}
	}
	delete(l.values, keyAudio)
}

// audioField makes the shorthand look like a field, for its checks.
func audioField() field {
	return field{Info: Info{Key: keyAudio, Flag: true, Doc: "microphone and speaker at once: default, null or a name"},
		at: func(s *Settings) any { return &s.Microphone }}
}

// environment reads the NXPHONE_ variables. An empty variable counts as not
// set, as shells make it hard to tell the two apart. Wrong values are left out
// and told.
func environment(lookup func(string) (string, bool)) (Layer, error) {
	l := Layer{Source: SourceEnvironment}
	var faults []error
	for _, f := range append(fields(), audioField()) {
		name := f.Key.Env()
		text, _ := lookup(name)
		if text == "" {
			continue
		}
		var s Settings
		if err := cmp.Or(f.allowed(l.Source), f.parse(&s, text)); err != nil {
			code, partly := codeFor(err)
			faults = append(faults, &Error{Code: code, Key: f.Key, Source: name, Detail: err.Error()})
			if !partly {
				continue
			}
			text = f.text(&s)
		}
		l.put(f.Key, text, name)
	}
	l.spread()
	return l, errors.Join(faults...)
}

// Flags is what the command line said. Make it with [BindFlags].
type Flags struct {
	layer  Layer
	fault  error // of a sensitive value; see Err
	config string
	demo   bool
	demoed bool // --demo was given, true or false
}

// BindFlags defines on fs the flags of every command that calls: those of
// [Keys] marked Flag, --audio, --config and --demo. A wrong value fails in
// fs.Parse, or is told by [Flags.Err] where it must not be repeated.
func BindFlags(fs *flag.FlagSet) *Flags {
	fl := &Flags{layer: Layer{Source: SourceFlag}}
	for _, f := range append(fields(), audioField()) {
		if !f.Flag {
			continue
		}
		define := fs.Func
		if _, ok := f.at(new(Settings)).(*bool); ok {
			define = fs.BoolFunc // alone it means true
		}
		define(string(f.Key), f.Doc, func(text string) error {
			err := f.parse(new(Settings), text)
			if err != nil && f.Sensitive {
				// Package flag would put the value into its error.
				fl.fault = &Error{Code: CodeBadSetting, Key: f.Key, Source: "--" + string(f.Key), Detail: err.Error()}
				return nil
			}
			if err != nil {
				return err
			}
			fl.layer.put(f.Key, text, "--"+string(f.Key))
			return nil
		})
	}
	fs.StringVar(&fl.config, "config", "", "settings file, instead of the user's")
	fs.BoolFunc("demo", "use the demo SBC inside the process", func(text string) (err error) {
		fl.demoed = true
		fl.demo, err = strconv.ParseBool(text)
		return err
	})
	return fl
}

// Err is the fault of a flag whose value is sensitive, nil for none. It is to
// be asked after fs.Parse, and never repeats the value.
func (fl *Flags) Err() error { return fl.fault }

// Demo says whether the demo SBC is asked for, by --demo or NXPHONE_DEMO. A
// nil lookup is os.LookupEnv.
func (fl *Flags) Demo(lookup func(string) (string, bool)) (bool, error) {
	if fl.demoed {
		return fl.demo, nil
	}
	text, _ := env(lookup)("NXPHONE_DEMO")
	if text == "" {
		return false, nil
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		return false, &Error{Code: CodeBadSetting, Key: "demo", Source: "NXPHONE_DEMO", Detail: "must be true or false"}
	}
	return v, nil
}

// Config is the path of the settings file: --config, else NXPHONE_CONFIG, else
// [DefaultPath]. A nil lookup is os.LookupEnv.
func (fl *Flags) Config(lookup func(string) (string, bool)) (string, error) {
	if fl != nil && fl.config != "" {
		return fl.config, nil
	}
	if path, _ := env(lookup)("NXPHONE_CONFIG"); path != "" {
		return path, nil
	}
	return DefaultPath()
}

func (fl *Flags) asLayer() Layer {
	if fl == nil {
		return Layer{Source: SourceFlag}
	}
	l := Layer{Source: SourceFlag}
	for k, v := range fl.layer.values {
		l.put(k, v.text, v.origin)
	}
	l.spread()
	return l
}

func env(lookup func(string) (string, bool)) func(string) (string, bool) {
	if lookup == nil {
		return os.LookupEnv
	}
	return lookup
}

// apply stores the layer's values into s and notes where each came from.
func (l Layer) apply(s *Settings, from map[Key]Value) error {
	for _, f := range fields() {
		v, ok := l.values[f.Key]
		if !ok {
			continue
		}
		below := s.WebAPIOrigins
		if err := f.parse(s, v.text); err != nil {
			// Values are checked when they enter a layer.
			return fmt.Errorf("profile: %s: %w", f.Key, err)
		}
		if f.adds() {
			s.WebAPIOrigins = union(below, s.WebAPIOrigins)
		}
		from[f.Key] = Value{Key: f.Key, Text: f.text(s), Source: l.Source, Origin: v.origin, Sensitive: f.Sensitive}
	}
	return nil
}

// unlocked is the layer without what was typed for this start (flags, variables)
// although it is held: a lock that a flag opens is none. What a call needs counts
// all the same, or nobody could call until somebody has mended the policy.
func (l Layer) unlocked(held map[Key]string) Layer {
	if len(held) == 0 || l.Source != SourceEnvironment && l.Source != SourceFlag {
		return l
	}
	l.values = maps.Clone(l.values)
	maps.DeleteFunc(l.values, func(k Key, _ layerValue) bool { return held[k] != "" && !forCalls(k) })
	return l
}

// forCalls reports whether a call needs a key, or the person who places it: the
// line, the sound, the language, and what makes the window legible.
func forCalls(k Key) bool {
	switch k {
	case KeyRealm, KeyDN, KeyURL, KeyCA, KeyUser, KeyPasswordFile, KeyPushToken, KeyPushProvider, KeyPushHeader, KeyRegister,
		KeyICEServers, KeySIPHeaders, KeyOrigin, KeyHandshakeHeaders,
		KeyCodec, KeyMicrophone, KeySpeaker, KeyRinger,
		KeyLang, KeyTheme, KeyTextSize, KeyLogLevel:
		return true
	}
	return false
}

// union is a and what b has beside it. It shares no memory with either.
func union(a, b []string) []string {
	a = slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// without is a, less what b has. It shares no memory with either.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// origins are the layer's own.
func (l Layer) origins() []string {
	v, ok := l.values[KeyWebAPIOrigins]
	if !ok {
		return nil
	}
	var s Settings
	for _, f := range fields() {
		if f.Key == KeyWebAPIOrigins {
			_ = f.parse(&s, v.text) // checked when it entered the layer
		}
	}
	return s.WebAPIOrigins
}
