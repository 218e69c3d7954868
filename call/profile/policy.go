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

// piece is one policy as it was found: a file, a key of the registry, a list of
// preferences.
type piece struct {
	origin string
	source Source
	layer  Layer
	// broken: nothing of it can be read. wrong are keys that it names with a
	// value that cannot be taken.
	broken bool
	wrong  []Key
	// all: it stands for a whole place, whose policies are not even known by
	// name.
	all   bool
	fault error
}

// brokenPiece is a piece of which nothing is known but its fault.
func brokenPiece(origin string, source Source, fault error) piece {
	return piece{origin: origin, source: source, layer: Layer{Source: source}, broken: true, fault: fault}
}

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
// fault, and everything else counts. It says what stands there now; what holds
// in the place of what cannot be read is for a [PolicyReader] to say.
func Policies(dir string) ([]Layer, error) {
	var layers []Layer
	var faults []error
	for _, p := range folderPieces(dir) {
		layers = append(layers, p.layer)
		faults = append(faults, p.fault)
	}
	return layers, errors.Join(faults...)
}

// folderPieces reads the policies below dir in rising precedence.
func folderPieces(dir string) []piece {
	whole := func(err error) []piece {
		p := brokenPiece(dir, SourceManaged, err)
		p.all = true
		return []piece{p}
	}
	top, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return whole(unreadable(dir, err))
	}
	anchor := owner(top)
	if why := untrusted(top, anchor); why != "" {
		return whole(&Error{Code: CodePolicyUnsafe, Source: dir, Detail: why})
	}
	var all []piece
	for _, kind := range []struct {
		folder string
		source Source
	}{{"recommended", SourceRecommended}, {"managed", SourceManaged}} {
		folder := filepath.Join(dir, kind.folder)
		entries, err := os.ReadDir(folder) // sorted by name
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			err = unreadable(folder, err)
		} else if info, serr := os.Stat(folder); serr != nil {
			err = unreadable(folder, serr)
		} else if why := untrusted(info, anchor); why != "" {
			err = &Error{Code: CodePolicyUnsafe, Source: folder, Detail: why}
		}
		if err != nil {
			p := brokenPiece(folder, kind.source, err)
			p.all = true
			all = append(all, p)
			continue
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".json") {
				all = append(all, filePiece(filepath.Join(folder, e.Name()), kind.source, anchor))
			}
		}
	}
	return all
}

// openTrusted looks at a file before it is read: a pipe would hold up the start
// for ever, and what others may write gives no orders.
func openTrusted(path string, anchor uint32) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	if err != nil {
		return unreadable(path, err)
	}
	if why := untrusted(info, anchor); why != "" {
		return &Error{Code: CodePolicyUnsafe, Source: path, Detail: why}
	}
	return nil
}

func filePiece(path string, source Source, anchor uint32) piece {
	if err := openTrusted(path, anchor); err != nil {
		return brokenPiece(path, source, err)
	}
	doc, data, err := load(path)
	if err == nil && len(bytes.TrimSpace(data)) == 0 {
		// A full disk, or a copy that has just begun; who wants no orders
		// writes {}.
		err = &Error{Code: CodeFileBroken, Source: path, Line: 1, Column: 1, Detail: "is empty"}
	}
	if err != nil {
		return brokenPiece(path, source, err)
	}
	return doc.piece(source, path, data)
}

// piece is what a document says as a policy.
func (d document) piece(source Source, origin string, data []byte) piece {
	l, wrong, err := d.layerAndWrong(source, origin, data)
	// A key that a user's file may carry for a newer version is a slip of the
	// pen in a policy, and would look as if it were in force.
	return piece{origin: origin, source: source, layer: l, wrong: wrong, fault: errors.Join(err, d.unknown(origin, data))}
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
	p := doc.piece(SourceManaged, name, data)
	return p.layer, p.fault
}
