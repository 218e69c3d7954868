package profile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	// Managed preferences are binary or XML, as the management service likes;
	// this reads both, in Go alone, and has no dependency.
	"howett.net/plist"
)

// PreferencesDomain names the managed preferences of macOS.
const PreferencesDomain = "org.nxphone.softphone"

// preferencesPlace is where macOS keeps managed preferences: a management
// service writes those below managed, of the machine and of a user, and an
// administrator may put proposals into the machine's own preferences. Nobody
// else can write any of them.
func preferencesPlace(managed, local, user string) place {
	name := PreferencesDomain + ".plist"
	dirs := []string{managed, local}
	files := []struct {
		path   string
		source Source
	}{{filepath.Join(local, name), SourceRecommended}, {filepath.Join(managed, name), SourceManaged}}
	if user != "" && user == filepath.Base(user) {
		// The machine's orders are above the user's, as on Windows.
		files = slices.Insert(files, 1, struct {
			path   string
			source Source
		}{filepath.Join(managed, user, name), SourceManaged})
		dirs = append(dirs, filepath.Join(managed, user))
	}
	return place{paths: dirs, pieces: func() []piece {
		var all []piece
		for _, f := range files {
			if p, ok := plistPiece(f.path, f.source); ok {
				all = append(all, p)
			}
		}
		return all
	}}
}

// plistPiece reads one property list; ok is false where there is none.
func plistPiece(path string, source Source) (p piece, ok bool) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return piece{}, false
	}
	var anchor uint32 // root alone
	if info, err := os.Stat(filepath.Dir(path)); err == nil {
		anchor = owner(info)
	}
	if err := openTrusted(path, anchor); err != nil {
		return brokenPiece(path, source, err), true
	}
	data, err := ReadPlain(path)
	if err != nil {
		return brokenPiece(path, source, unreadable(path, err)), true
	}
	doc, err := parsePlist(data)
	if err != nil {
		return brokenPiece(path, source, &Error{Code: CodeFileBroken, Source: path, Detail: err.Error(), Err: err}), true
	}
	return doc.piece(source, path, nil), true
}

// ParsePreferences is [ParsePolicy] for a property list of macOS.
func ParsePreferences(name string, data []byte) (Layer, error) {
	doc, err := parsePlist(data)
	if err != nil {
		return Layer{}, &Error{Code: CodeFileBroken, Source: name, Detail: err.Error(), Err: err}
	}
	p := doc.piece(SourceManaged, name, nil)
	return p.layer, p.fault
}

// parsePlist reads a property list as if it were a file of settings.
func parsePlist(data []byte) (document, error) {
	if len(data) > maxFile {
		return document{}, errors.New("larger than 1 MiB")
	}
	var all map[string]any
	format, err := plist.Unmarshal(data, &all)
	if err != nil {
		return document{}, errors.New("is not a property list: " + err.Error())
	}
	if format != plist.XMLFormat && format != plist.BinaryFormat {
		return document{}, errors.New("is not a property list of macOS (XML or binary)")
	}
	var doc document
	for name, v := range all {
		raw, err := plistJSON(v)
		if err != nil {
			raw = json.RawMessage("null") // told by the key's own rule
		}
		doc.set(name, raw)
	}
	slices.SortFunc(doc.members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	return doc, nil
}

// plistJSON is a value as it would stand in a file.
func plistJSON(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case string, bool, int64, uint64, float64:
	case []any:
		for _, item := range v {
			if _, err := plistJSON(item); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, item := range v {
			if _, err := plistJSON(item); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("no setting is a %T", v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
