package profile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// PolicyDir is where an administrator's policies lie on Linux. There is no
// variable for it: whoever may not change a policy must not be able to choose
// another one.
const PolicyDir = "/etc/nxphone/policies"

// Policies reads the policies below dir into layers for [Options.Layers]: the
// files managed/*.json are orders, recommended/*.json are proposals. Each is an
// object with the keys of settings.json. Of two files in one folder the later
// name wins, key by key, as in the browsers' policy folders. A folder that is
// not there has no policies; files that do not end in .json are passed over.
//
// A file or folder that somebody other than its owner may write, or that
// belongs neither to root nor to the owner of dir, is no administrator's: it is
// not read.
//
// What cannot be read is told in the error, which joins one [Error] for each
// fault, and everything else counts: one wrong value must not open what the
// others close.
func Policies(dir string) ([]Layer, error) {
	var layers []Layer
	var faults []error
	top, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(dir, err)
	}
	anchor := owner(top)
	if why := untrusted(top, anchor); why != "" {
		return nil, &Error{Code: CodePolicyUnsafe, Source: dir, Detail: why}
	}
	for _, kind := range []struct {
		folder string
		source Source
	}{{"recommended", SourceRecommended}, {"managed", SourceManaged}} {
		folder := filepath.Join(dir, kind.folder)
		entries, err := os.ReadDir(folder) // sorted by name
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, unreadable(folder, err))
		}
		if info, err := os.Stat(folder); err == nil {
			if why := untrusted(info, anchor); why != "" {
				faults = append(faults, &Error{Code: CodePolicyUnsafe, Source: folder, Detail: why})
				continue
			}
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".json") {
				continue
			}
			l, err := policy(filepath.Join(folder, e.Name()), kind.source, anchor)
			faults = append(faults, err)
			layers = append(layers, l)
		}
	}
	return layers, errors.Join(faults...)
}

func policy(path string, source Source, anchor uint32) (Layer, error) {
	// A pipe would hold up the start for ever.
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	if err != nil {
		return Layer{Source: source}, unreadable(path, err)
	}
	if why := untrusted(info, anchor); why != "" {
		return Layer{Source: source}, &Error{Code: CodePolicyUnsafe, Source: path, Detail: why}
	}
	doc, data, err := load(path)
	if err != nil {
		return Layer{Source: source}, err
	}
	l, err := doc.layer(source, path, data)
	// A key that a user's file may carry for a newer version is a slip of the
	// pen in a policy, and would look as if it were in force.
	return l, errors.Join(err, doc.unknown(path, data))
}

// ParsePolicy reads the text of a policy, with the faults that [Policies] would
// tell about a file of this name. It is how a policy is checked before it is
// rolled out.
func ParsePolicy(name string, data []byte) (Layer, error) {
	if len(data) > maxFile {
		return Layer{}, &Error{Code: CodeFileBroken, Source: name, Line: 1, Column: 1, Detail: "larger than 1 MiB"}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	doc, err := parseDocument(name, data)
	if err != nil {
		return Layer{}, err
	}
	l, err := doc.layer(SourceManaged, name, data)
	return l, errors.Join(err, doc.unknown(name, data))
}
