package profile

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
)

// Options of [Open]. The zero value reads the user's file and the environment.
type Options struct {
	// Path of the settings file; "" is what [Flags.Config] says.
	Path string
	// Flags is the command line, nil for none.
	Flags *Flags
	// Lookup reads the environment; nil is os.LookupEnv.
	Lookup func(string) (string, bool)
	// Layers are further values: the demo SBC's, and policies. Of two layers
	// with the same source the later one wins.
	Layers []Layer
	// PolicyOnly is for a machine in public: neither file nor environment nor
	// recommended policy counts, and of the command line only devices, language
	// and log level do. Set then fails.
	PolicyOnly bool
}

// Value is one effective setting and where it comes from.
type Value struct {
	Key Key
	// Text is the value as flags and variables spell it; lists are JSON.
	Text   string
	Source Source
	// Origin names the place: a flag, a variable, a path; "" for a default.
	Origin string
	// Sensitive: show it masked.
	Sensitive bool
	// Held names a managed policy that cannot be read and may have locked this
	// value; "" for none. The value stays as it is until that is mended.
	Held string
}

// Locked says that a user's change would have no effect now: something above
// the file decides, or the value is held. Lists that add up are locked only
// where they are held.
func (v Value) Locked() bool {
	return v.Held != "" || v.Source > SourceFile && v.Key != KeyWebAPIOrigins
}

// Masked reports whether the value is not to be shown to everybody: it may carry
// a secret.
func (v Value) Masked() bool {
	address := v.Key == KeyURL || v.Key == KeyProvisionURL
	return v.Text != "" && v.Text != "[]" && (v.Sensitive || address && secretIn(v.Text))
}

// Store holds the settings. It is safe for concurrent use.
type Store struct {
	path       string // constant after Open
	policyOnly bool   // as well

	mu       sync.Mutex
	layers   []Layer // in rising precedence, the file's left out
	file     Layer
	settings Settings
	values   map[Key]Value
	watchers map[chan struct{}]struct{}
}

// Open reads the settings. The store is never nil and can always be used: a
// value or file that is faulty is left out, and told in the error, which joins
// one [Error] for each fault.
func Open(o Options) (*Store, error) {
	if o.PolicyOnly {
		return openPolicies(o)
	}
	var faults []error
	path := o.Path
	if path == "" {
		var err error
		path, err = o.Flags.Config(o.Lookup)
		faults = append(faults, err)
	}
	environment, err := environment(env(o.Lookup))
	faults = append(faults, err)
	s := &Store{path: path, watchers: map[chan struct{}]struct{}{}}
	s.layers = append([]Layer{environment, o.Flags.asLayer()}, o.Layers...)
	faults = append(faults, s.reload(), s.resolve())
	return s, errors.Join(faults...)
}

// openPolicies is Open for PolicyOnly.
func openPolicies(o Options) (*Store, error) {
	s := &Store{policyOnly: true, watchers: map[chan struct{}]struct{}{}}
	flags := o.Flags.asLayer()
	maps.DeleteFunc(flags.values, func(k Key, _ layerValue) bool {
		return k != KeyMicrophone && k != KeySpeaker && k != KeyLang && k != KeyLogLevel
	})
	s.layers = []Layer{flags}
	for _, l := range o.Layers {
		if l.Source >= SourceDemo {
			s.layers = append(s.layers, l)
		}
	}
	return s, s.resolve()
}

// Path is the settings file that Set writes, "" for none.
func (s *Store) Path() string { return s.path }

// Get returns the effective settings. The copy belongs to the caller.
func (s *Store) Get() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.Clone()
}

// Local returns the settings as they are without what the organisation's server
// orders and proposes. Who asks that server goes by them: a document that names
// other authorities could otherwise cut the phone off from the next one, which
// would mend it.
func (s *Store) Local() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Values are checked when they enter a layer.
	settings, _, _ := s.effective(func(l Layer) bool { return !l.served })
	return settings
}

// Values lists the effective settings with their sources, in the order of
// [Keys].
func (s *Store) Values() []Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Value
	for _, f := range fields() {
		all = append(all, s.values[f.Key])
	}
	return all
}

// Value is one of [Store.Values].
func (s *Store) Value(k Key) Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[k]
}

// Origins gives the effective [Settings].WebAPIOrigins apart: own are those in
// the user's file, which [Store.Set] can take away, and given are those of every
// other layer. One may stand in both.
func (s *Store) Origins() (own, given []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.held(func(Layer) bool { return true })
	for _, l := range s.layers {
		given = union(given, l.unlocked(held).origins())
	}
	return s.file.origins(), given
}

// Add puts a layer in place after Open: the demo SBC's address is known only
// once it listens.
func (s *Store) Add(l Layer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.layers = append(s.layers, l)
	err := s.resolve()
	s.notify()
	return err
}

// SetPolicies puts layers in the place of all that were proposals and orders of
// the organisation ([SourceRecommended], [SourceProvisioned], [SourceManaged]).
// It reports whether any value, its source or its lock has become another one.
func (s *Store) SetPolicies(layers []Layer) (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := func(l Layer) bool {
		return l.Source == SourceRecommended || l.Source == SourceProvisioned || l.Source == SourceManaged
	}
	kept := slices.DeleteFunc(slices.Clone(s.layers), ours)
	for _, l := range layers {
		if ours(l) && (l.Source >= SourceDemo || !s.policyOnly) {
			kept = append(kept, l)
		}
	}
	s.layers = kept
	before := s.values
	err = s.resolve()
	if changed = !maps.Equal(before, s.values); changed {
		s.notify()
	}
	return changed, err
}

// Set lets change edit the effective settings and writes the keys that it
// really changed into the user's file, whatever stands above the file: a form
// may hand back every field, and the demo's address, an environment variable
// or a policy does not end up in the file by that. What another process has
// written meanwhile is kept; in lists that add up, item by item. On an error
// nothing has changed.
func (s *Store) Set(change func(*Settings)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		return &Error{Code: CodeFileUnwritable, Detail: "there is no settings file"}
	}
	after := s.settings.Clone()
	change(&after)
	changed, err := differences(s.settings, after)
	if err != nil || len(changed) == 0 {
		return err
	}
	for _, f := range changed {
		if held := s.values[f.Key].Held; held != "" {
			return &Error{Code: CodePolicyGuarded, Key: f.Key, Source: held, Detail: "cannot be changed until the policy can be read"}
		}
	}
	doc, _, err := load(s.path)
	if err != nil {
		return err
	}
	for _, f := range changed {
		if f.adds() {
			before, wanted := s.settings.WebAPIOrigins, after.WebAPIOrigins
			after.WebAPIOrigins = union(without(doc.list(string(f.Key)), without(before, wanted)), without(wanted, before))
		}
		doc.set(string(f.Key), f.encode(&after))
	}
	data, err := doc.bytes()
	if err != nil {
		return &Error{Code: CodeFileUnwritable, Source: s.path, Detail: err.Error(), Err: err}
	}
	if err := save(s.path, data); err != nil {
		return err
	}
	// The file has been read and written just now. A value in it that was
	// faulty before still is, and was told by Open.
	_ = s.reload()
	err = s.resolve()
	s.notify()
	return err
}

// SetTexts is [Store.Set] for values given as text, by key, as flags spell
// them. A value that its key does not take is an [Error] and nothing is
// written.
func (s *Store) SetTexts(values map[Key]string) error {
	var fault error
	for k := range values {
		if !known(k) {
			return &Error{Code: CodeBadSetting, Key: k, Detail: "there is no such setting"}
		}
	}
	err := s.Set(func(after *Settings) {
		before := after.Clone()
		for _, f := range fields() {
			text, ok := values[f.Key]
			if !ok || fault != nil {
				continue
			}
			if err := f.parse(after, text); err != nil {
				code, _ := codeFor(err)
				fault = &Error{Code: code, Key: f.Key, Detail: err.Error()}
			}
		}
		if fault != nil {
			*after = before
		}
	})
	return cmp.Or(fault, err)
}

// Check is what is wrong with a value, given as text, of a key that the user
// may set; nil for nothing.
func Check(k Key, text string) error {
	for _, f := range fields() {
		if f.Key == k {
			return cmp.Or(f.allowed(SourceFile), f.parse(new(Settings), text))
		}
	}
	return errors.New("there is no such setting")
}

// JSON is a value, given as flags spell it, as it stands in a file. A value that
// its key does not take is an error.
func JSON(k Key, text string) (json.RawMessage, error) {
	for _, f := range fields() {
		if f.Key != k {
			continue
		}
		var s Settings
		if err := f.parse(&s, text); err != nil {
			code, _ := codeFor(err)
			return nil, &Error{Code: code, Key: k, Detail: err.Error()}
		}
		return f.encode(&s), nil
	}
	return nil, &Error{Code: CodeBadSetting, Key: k, Detail: "there is no such setting"}
}

// differences lists the fields in which two settings differ, and refuses a
// value that its key does not take.
func differences(before, after Settings) ([]field, error) {
	var changed []field
	for _, f := range fields() {
		text := f.text(&after)
		if text == f.text(&before) {
			continue
		}
		if err := cmp.Or(f.allowed(SourceFile), f.parse(new(Settings), text)); err != nil {
			code, _ := codeFor(err)
			return nil, &Error{Code: code, Key: f.Key, Detail: err.Error()}
		}
		changed = append(changed, f)
	}
	return changed, nil
}

// Watch returns a channel that is filled whenever settings may have changed
// (several changes in a row fill it once), and a function that ends the watch.
// The channel is never closed.
func (s *Store) Watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = struct{}{}
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, c)
	}
}

func (s *Store) notify() {
	for c := range s.watchers {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last change, and will see this one
		}
	}
}

// reload reads the file's layer. mu is held, or the store is not shared yet.
func (s *Store) reload() error {
	s.file = Layer{Source: SourceFile}
	if s.path == "" {
		return nil
	}
	doc, data, err := load(s.path)
	if err != nil {
		return err
	}
	s.file, err = doc.layer(SourceFile, s.path, data)
	return err
}

// resolve computes the effective settings from the layers. mu is held, or the
// store is not shared yet.
func (s *Store) resolve() (err error) {
	s.settings, s.values, err = s.effective(func(Layer) bool { return true })
	return err
}

// held are the keys that the layers hold, by the origin that could not be read. mu is
// held, or the store is not shared yet.
func (s *Store) held(counts func(Layer) bool) map[Key]string {
	out := map[Key]string{}
	for _, l := range s.layers {
		if l.held == nil && l.everything == "" || !counts(l) {
			continue
		}
		for _, f := range fields() {
			if origin := cmp.Or(l.held[f.Key], l.everything); origin != "" {
				out[f.Key] = origin
			}
		}
	}
	return out
}

// effective is what the layers that count come to, with the source of each value.
// mu is held, or the store is not shared yet.
func (s *Store) effective(counts func(Layer) bool) (Settings, map[Key]Value, error) {
	settings := defaults()
	values := map[Key]Value{}
	for _, f := range fields() {
		values[f.Key] = Value{Key: f.Key, Text: f.text(&settings), Source: SourceDefault, Sensitive: f.Sensitive}
	}
	held := s.held(counts)
	var faults []error
	for source := SourceDefault; source <= SourceManaged; source++ {
		if source == SourceFile {
			faults = append(faults, s.file.apply(&settings, values))
		}
		for _, l := range s.layers {
			if l.Source == source && counts(l) {
				faults = append(faults, l.unlocked(held).apply(&settings, values))
			}
		}
	}
	for k, v := range values {
		if v.Held = held[k]; v.Held != "" && v.Source < SourceManaged {
			values[k] = v
		}
	}
	for _, device := range []*string{&settings.Microphone, &settings.Speaker, &settings.Ringer} {
		if *device == DefaultDevice {
			*device = ""
		}
	}
	return settings, values, errors.Join(faults...)
}
