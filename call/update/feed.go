package update

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of a feed.
const (
	// MaxFeed is the longest feed in bytes.
	MaxFeed = 64 << 10
	// MaxFile is the largest file in bytes that a feed may announce.
	MaxFile = 512 << 20

	feedFormat = 1
	maxFiles   = 64
	maxNotes   = 4000 // characters
	// maxLife is the longest time that a feed may hold: who can cut a phone off
	// from its server keeps it from news for so long at most.
	maxLife = 400 * 24 * time.Hour
)

// Feed is what was announced.
type Feed struct {
	Format  int               `json:"format"`
	Version Version           `json:"version"`
	Date    time.Time         `json:"date"`
	Expires time.Time         `json:"expires"`
	Files   []File            `json:"files"`
	Notes   map[string]string `json:"notes,omitempty"` // by language: ko, en
}

// File is one of a feed's.
type File struct {
	// Name is the last part of its address, beside the feed's.
	Name string `json:"name"`
	// Kind is how it is installed: deb, rpm, archlinux, tar, msi (for all users of
	// a computer), msi-user, kiosk-deb, ...
	Kind string `json:"kind"`
	// OS and Arch are Go's names; an Arch of "all" fits every one.
	OS   string `json:"os"`
	Arch string `json:"arch"`
	// Size is in bytes, SHA256 in hexadecimal.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Target is what the file's signature must say: OS/ARCH.
func (f File) Target() string { return f.OS + "/" + f.Arch }

var (
	nameForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._~+-]{0,127}$`)
	wordForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
)

// ParseFeed reads a feed and checks its form, neither signature nor times against
// a clock. Members that are not known are passed over: a later version may have
// them.
func ParseFeed(data []byte) (Feed, error) {
	if len(data) > MaxFeed {
		return Feed{}, wrong(CodeTooLarge, fmt.Sprintf("more than %d bytes", MaxFeed))
	}
	var f Feed
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&f); err != nil {
		return Feed{}, wrong(CodeBroken, "not JSON of a feed")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Feed{}, wrong(CodeBroken, "something stands behind the feed")
	}
	if err := f.check(); err != nil {
		return Feed{}, err
	}
	return f, nil
}

func (f Feed) check() error {
	if f.Format != feedFormat {
		return wrong(CodeBroken, fmt.Sprintf("format %d", f.Format))
	}
	if v, err := ParseVersion(string(f.Version)); err != nil || v != f.Version {
		return wrong(CodeBroken, "not a version")
	}
	if f.Date.IsZero() || !f.Expires.After(f.Date) || f.Expires.Sub(f.Date) > maxLife {
		return wrong(CodeBroken, "date and expires")
	}
	if len(f.Files) > maxFiles {
		return wrong(CodeBroken, "too many files")
	}
	names := map[string]bool{}
	for i, file := range f.Files {
		if err := file.check(); err != nil || names[file.Name] {
			return wrong(CodeBroken, fmt.Sprintf("file %d", i+1))
		}
		names[file.Name] = true
	}
	for lang, text := range f.Notes {
		if lang != "ko" && lang != "en" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNotes || strings.ContainsFunc(text, notText) {
			return wrong(CodeBroken, "notes")
		}
	}
	return nil
}

func (f File) check() error {
	sum, err := hex.DecodeString(f.SHA256)
	if !nameForm.MatchString(f.Name) || !wordForm.MatchString(f.Kind) || !wordForm.MatchString(f.OS) || !wordForm.MatchString(f.Arch) ||
		f.Size <= 0 || f.Size > MaxFile || err != nil || len(sum) != 32 || f.SHA256 != strings.ToLower(f.SHA256) {
		return wrong(CodeBroken, "a file")
	}
	return nil
}

// notText is what no notes are made of: what moves a terminal's cursor or turns
// the direction of text around.
func notText(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// Find gives the first file of a kind for a system, nil for none.
func (f Feed) Find(kind, os, arch string) *File {
	for _, file := range f.Files {
		if file.Kind == kind && file.OS == os && (file.Arch == arch || file.Arch == "all") {
			return &file
		}
	}
	return nil
}
