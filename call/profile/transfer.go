package profile

import (
	"errors"
	"net/url"
	"strings"
)

// Export gives the values of the user's own file as a file that can be carried
// to another computer, or be put into a policy folder. What may carry a secret
// (see [Info].Sensitive), what belongs to one computer ([Info].Local), and the
// password in an address stay here, and so does what this version does not
// know. The result is read again by [Store.Import].
func (s *Store) Export() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var doc document
	for _, f := range fields() {
		v, ok := s.file.values[f.Key]
		if !ok || f.Sensitive || f.Local || f.PolicyOnly {
			continue
		}
		var one Settings
		if err := f.parse(&one, v.text); err != nil {
			return nil, err // it was checked when it entered the layer
		}
		if f.Key == KeyURL && secretIn(one.URL) {
			continue
		}
		doc.set(string(f.Key), f.encode(&one))
	}
	return doc.bytes()
}

// secretIn reports whether an address looks as if it carried a secret.
func secretIn(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return true
	}
	for name := range u.Query() {
		for _, word := range []string{"token", "key", "secret", "pass", "pwd", "auth", "sig", "jwt"} {
			if strings.Contains(strings.ToLower(name), word) {
				return true
			}
		}
	}
	return false
}

// Imported is what a file of settings would change.
type Imported struct {
	// Changes are the keys whose effective value would become another one, in
	// the order of [Keys].
	Changes []Change
	// Kept are the keys of the file that are not taken: locked by something
	// above the user's file, for a policy only, or of one computer.
	Kept []Key
}

// Change is one setting before and after.
type Change struct {
	Before, After Value
}

// Import reads a file of settings (settings.json, an export, a policy) and says
// what taking it would change; nothing is changed yet. Take it with
// [Store.SetTexts]. It is all or nothing: a file that is not one, a key that
// does not exist and a value that its key does not take are an [Error] each,
// joined, with line and column; name stands in them.
func (s *Store) Import(name string, data []byte) (Imported, error) {
	if len(data) > maxFile {
		return Imported{}, &Error{Code: CodeFileBroken, Source: name, Line: 1, Column: 1, Detail: "larger than 1 MiB"}
	}
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	doc, err := parseDocument(name, data)
	if err != nil {
		return Imported{}, err
	}
	if len(doc.members) == 0 {
		return Imported{}, &Error{Code: CodeFileBroken, Source: name, Line: 1, Column: 1, Detail: "holds no settings"}
	}
	// A policy may say everything; what of it is the user's to say is sorted
	// out below.
	l, err := doc.layer(SourceManaged, name, data)
	if err = errors.Join(err, doc.unknown(name, data)); err != nil {
		return Imported{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.compare(l, name), nil
}

// compare is the difference that a layer makes in place of the user's values.
func (s *Store) compare(l Layer, name string) (out Imported) {
	after := s.settings.Clone()
	for _, f := range fields() {
		v, ok := l.values[f.Key]
		if !ok {
			continue
		}
		now := s.values[f.Key]
		if f.PolicyOnly || f.Local || now.Locked() {
			out.Kept = append(out.Kept, f.Key)
			continue
		}
		_ = f.parse(&after, v.text) // checked when it entered the layer
		if f.adds() {
			after.WebAPIOrigins = union(s.settings.WebAPIOrigins, after.WebAPIOrigins)
		}
		text := f.text(&after)
		if text == now.Text {
			continue
		}
		out.Changes = append(out.Changes, Change{Before: now, After: Value{
			Key: f.Key, Text: text, Source: SourceFile, Origin: name, Sensitive: f.Sensitive,
		}})
	}
	return out
}

// schemaMember tells an editor which schema a file follows. It is no setting.
const schemaMember = "$schema"

// unknown tells the members that are no settings, each with its place.
func (d document) unknown(path string, data []byte) error {
	var faults []error
	for _, m := range d.members {
		if !known(Key(m.name)) && m.name != schemaMember {
			line, column := position(data, m.at)
			faults = append(faults, &Error{Code: CodeBadSetting, Key: Key(m.name), Source: path, Line: line, Column: column, Detail: "there is no such setting"})
		}
	}
	return errors.Join(faults...)
}
