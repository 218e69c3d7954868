package profile

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
)

// Orders is what the policies of a machine say at one moment.
type Orders struct {
	// Layers go to [Options.Layers] or [Store.SetPolicies]. They are not to be
	// changed.
	Layers []Layer
	// Faults joins one [Error] for each fault, nil for none.
	Faults error
}

// Equal reports whether two readings say the same.
func (o Orders) Equal(other Orders) bool {
	text := func(o Orders) string {
		if o.Faults == nil {
			return ""
		}
		return o.Faults.Error()
	}
	return text(o) == text(other) && slices.EqualFunc(o.Layers, other.Layers, func(a, b Layer) bool {
		return a.Source == b.Source && a.everything == b.everything && maps.Equal(a.values, b.values) && maps.Equal(a.held, b.held)
	})
}

// PolicyReader reads the policies of a machine, again and again, and sees to it
// that a managed policy that cannot be read opens nothing that it had locked:
//
//   - What the same policy (or the same key of it) said when it could be read
//     last stays in force. That is kept in a file, so that it holds over a
//     restart too.
//   - Where nothing of the kind is known, the keys with a safe side (guards) are
//     put there, and no setting can be changed by the user until the policy is
//     mended, by a flag or a variable neither, but for those that a call needs
//     (forCalls). The phone can be used.
//
// A policy that has been deleted has been taken back, and holds nothing.
// Proposals (recommended) lock nothing and are simply left out.
//
// A user who owns the kept copy could change it, as he could start a program of
// his own: on a desk policies are rules, not walls. In a booth the user has no
// files.
//
// It is safe for concurrent use and owns no goroutine but in
// [PolicyReader.Follow].
type PolicyReader struct {
	place    place
	kept     string
	lookOnly bool

	mu     sync.Mutex
	last   map[string]Layer // of managed policies, by origin, as they could be read last
	loaded bool
	unkept error  // why the copy could not be written
	read   Orders // what Read has returned last
}

// PolicyOptions configure a [PolicyReader]. The zero value reads the policies of
// this system and keeps no copy.
type PolicyOptions struct {
	// Dir is a folder as [PolicyDir] is one, "" for what this system has.
	Dir string
	// Kept is the path of the file for the copy, "" for none. LookOnly reads it
	// and does not write it: somebody else (an administrator with sudo) looks at
	// what the user's phone would do.
	Kept     string
	LookOnly bool
}

// place is somewhere that policies lie.
type place struct {
	// pieces reads them in rising precedence.
	pieces func() []piece
	// paths are folders in which a change shows; they need not be there.
	paths []string
	// watch calls changed when it begins to watch and after each change, perhaps
	// too often, until ctx ends, and returns then. nil where the folders tell
	// everything.
	watch func(ctx context.Context, changed func())
}

// NewPolicyReader returns a reader. It reads nothing yet.
func NewPolicyReader(o PolicyOptions) *PolicyReader {
	at := systemPlace()
	if o.Dir != "" {
		at = folderPlace(o.Dir)
	}
	return &PolicyReader{place: at, kept: o.Kept, lookOnly: o.LookOnly, last: map[string]Layer{}}
}

// Last is what [PolicyReader.Read] has returned last.
func (r *PolicyReader) Last() Orders {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read
}

// Read reads the policies.
func (r *PolicyReader) Read() Orders {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.loaded {
		r.last, r.loaded = readKept(r.kept), true
	}
	pieces := r.place.pieces()
	var out Orders
	var faults []error
	now := map[string]Layer{}
	for _, p := range pieces {
		faults = append(faults, p.fault)
		if p.source != SourceManaged {
			out.Layers = append(out.Layers, p.layer)
			continue
		}
		layers, fault := r.hold(p, now)
		out.Layers, faults = append(out.Layers, layers...), append(faults, fault)
	}
	if r.unkept != nil || !maps.EqualFunc(r.last, now, func(a, b Layer) bool { return maps.Equal(a.values, b.values) }) {
		r.last = now
		if !r.lookOnly {
			r.unkept = writeKept(r.kept, now) // nil, or tried again by the next Read
		}
	}
	out.Faults = errors.Join(append(faults, r.unkept)...)
	r.read = out
	return out
}

// hold gives what is in force of a managed policy, and notes in now what it says
// for the time when it cannot be read.
func (r *PolicyReader) hold(p piece, now map[string]Layer) ([]Layer, error) {
	consequence := func(code Code, k Key) error { return &Error{Code: code, Key: k, Source: p.origin} }
	switch {
	case p.broken:
		var layers []Layer
		for _, origin := range slices.Sorted(maps.Keys(r.last)) {
			if origin == p.origin || p.all && strings.HasPrefix(origin, p.origin) {
				layers = append(layers, r.last[origin])
				now[origin] = r.last[origin]
			}
		}
		if layers != nil {
			return layers, consequence(CodePolicyKept, "")
		}
		guard := Layer{Source: SourceManaged, everything: p.origin}
		for k, text := range guards() {
			guard.put(k, text, p.origin)
		}
		return []Layer{guard}, consequence(CodePolicyGuarded, "")
	case len(p.wrong) > 0:
		l := Layer{Source: SourceManaged, held: map[Key]string{}}
		for k, v := range p.layer.values {
			l.put(k, v.text, v.origin)
		}
		var faults []error
		for _, k := range p.wrong {
			if before, ok := r.last[p.origin].values[k]; ok {
				l.put(k, before.text, p.origin)
				faults = append(faults, consequence(CodePolicyKept, k))
				continue
			}
			l.held[k] = p.origin
			if text, ok := guards()[k]; ok {
				l.put(k, text, p.origin)
			}
			faults = append(faults, consequence(CodePolicyGuarded, k))
		}
		known := Layer{Source: SourceManaged}
		for k, v := range l.values {
			if l.held[k] == "" {
				known.put(k, v.text, v.origin)
			}
		}
		now[p.origin] = known
		return []Layer{l}, errors.Join(faults...)
	}
	now[p.origin] = p.layer
	return []Layer{p.layer}, nil
}

// guards are the values that open nothing, of keys that have such a side. All
// others are left as they are: a phone that has lost its server, or its list of
// calls, helps nobody.
func guards() map[Key]string {
	return map[Key]string{
		KeyWebAPI: "false", KeyWebAPIAsk: "false", KeyWebAPICode: "true", KeyMaskNumbers: MaskAll,
	}
}

// keptFile is the copy of the managed policies.
type keptFile struct {
	Version  int          `json:"version"`
	Policies []keptPolicy `json:"policies"`
}

type keptPolicy struct {
	Origin string `json:"origin"`
	// Settings are as in a policy.
	Settings json.RawMessage `json:"settings"`
}

// maxKept bounds the copy in bytes: several policies, each at most a file's length.
const maxKept = 4 * maxFile

// readKept reads the copy. One that is not there, or is none, is no copy.
func readKept(path string) map[string]Layer {
	out := map[string]Layer{}
	if path == "" {
		return out
	}
	info, err := os.Stat(path)
	if err != nil || untrusted(info, uint32(max(0, os.Getuid()))) != "" {
		return out
	}
	data, err := readPlain(path, maxKept)
	var f keptFile
	if err != nil || json.Unmarshal(data, &f) != nil || f.Version != 1 {
		return out
	}
	for _, p := range f.Policies {
		doc, err := parseDocument(p.Origin, p.Settings)
		if err != nil {
			continue
		}
		// What an older version kept and this one does not take is left out.
		l, _ := doc.layer(SourceManaged, p.Origin, p.Settings)
		out[p.Origin] = l
	}
	return out
}

// writeKept writes the copy, readable by the user alone: a policy may hold a
// secret. A disk that refuses is no reason not to obey the policies; it is told,
// because a policy that breaks later would then be unknown.
func writeKept(path string, last map[string]Layer) error {
	if path == "" {
		return nil
	}
	f := keptFile{Version: 1, Policies: []keptPolicy{}}
	for _, origin := range slices.Sorted(maps.Keys(last)) {
		var doc document
		for _, field := range fields() {
			v, ok := last[origin].values[field.Key]
			if !ok {
				continue
			}
			var s Settings
			if field.parse(&s, v.text) == nil {
				doc.set(string(field.Key), field.encode(&s))
			}
		}
		text, err := doc.bytes()
		if err != nil {
			continue
		}
		f.Policies = append(f.Policies, keptPolicy{origin, text})
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err == nil && len(data) >= maxKept {
		err = errTooLarge // it could not be read again
	}
	if err == nil {
		err = save(path, append(data, '\n'))
	}
	if err == nil {
		return nil
	}
	fault := &Error{Code: CodePolicyUnkept, Source: path, Detail: err.Error(), Err: err}
	if e := new(Error); errors.As(err, &e) {
		fault.Detail = e.Detail
	}
	return fault
}
