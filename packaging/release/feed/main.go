// Command feed makes the list of versions that phones ask for (package update),
// and looks at one as a phone does.
//
//	feed make -version V -date SECONDS -days N [-note-en FILE] [-note-ko FILE] FILE...
//	feed list FEED
//	feed check KEYS DIR
//
// make prints the feed of the given files, and list name and target of each file
// of a feed; KEYS are public keys of minisign joined
// by commas, and check verifies DIR/feed.json and every file that it announces,
// with the code of the program.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nxphone/call/update"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "feed:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	switch {
	case len(args) > 1 && args[0] == "make":
		return makeFeed(args[1:], out)
	case len(args) == 2 && args[0] == "list":
		return list(args[1], out)
	case len(args) == 3 && args[0] == "check":
		return check(args[1], args[2], out)
	}
	return errors.New("usage: feed make -version V -date SECONDS -days N FILE... | feed check KEYS DIR")
}

func makeFeed(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("feed make", flag.ContinueOnError)
	version := fs.String("version", "", "the files' version")
	date := fs.Int64("date", 0, "seconds since 1970 at which the feed is made")
	days := fs.Int("days", 90, "how long the feed holds")
	notes := map[string]*string{"en": fs.String("note-en", "", "file with what is new"), "ko": fs.String("note-ko", "", "the same in Korean")}
	if err := fs.Parse(args); err != nil {
		return err
	}
	v, err := update.ParseVersion(*version)
	if err != nil {
		return err
	}
	f := update.Feed{Format: 1, Version: v, Date: time.Unix(*date, 0).UTC(), Notes: map[string]string{}}
	f.Expires = f.Date.AddDate(0, 0, *days)
	for lang, file := range notes {
		if *file == "" {
			continue
		}
		text, err := os.ReadFile(*file)
		if err != nil {
			return err
		}
		f.Notes[lang] = strings.TrimSpace(strings.ReplaceAll(string(text), "\r", ""))
	}
	for _, path := range fs.Args() {
		file, err := describe(path)
		if err != nil {
			return err
		}
		f.Files = append(f.Files, file)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		return err
	}
	if _, err := update.ParseFeed(b.Bytes()); err != nil {
		return fmt.Errorf("no phone would take this feed: %w", err)
	}
	_, err = out.Write(b.Bytes())
	return err
}

// list prints what each file is to be signed as.
func list(path string, out io.Writer) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := update.ParseFeed(data)
	if err != nil {
		return err
	}
	for _, file := range f.Files {
		fmt.Fprintln(out, file.Name, file.Target())
	}
	return nil
}

func describe(path string) (update.File, error) {
	f, err := kindOf(filepath.Base(path))
	if err != nil {
		return f, err
	}
	r, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer r.Close()
	sum := sha256.New()
	if f.Size, err = io.Copy(sum, r); err != nil {
		return f, err
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// kindOf reads from a file's name what it is.
func kindOf(name string) (update.File, error) {
	f := update.File{Name: name, OS: "linux", Arch: archOf(name)}
	switch {
	case strings.HasSuffix(name, "_all.deb"):
		f.Kind, f.Arch = "kiosk-deb", "all"
	case strings.HasSuffix(name, ".deb"):
		f.Kind = "deb"
	case strings.HasSuffix(name, ".rpm"):
		f.Kind = "rpm"
	case strings.HasSuffix(name, ".pkg.tar.zst"):
		f.Kind = "archlinux"
	case strings.HasSuffix(name, ".tar.gz"):
		f.Kind = "tar"
	case strings.HasSuffix(name, ".msi"):
		f.OS, f.Kind = "windows", "msi"
		if strings.Contains(name, "user") {
			f.Kind = "msi-user"
		}
		if strings.Contains(name, "-gl") {
			f.Kind += "-gl"
		}
		f.Arch = "amd64"
	case strings.HasSuffix(name, ".cdx.json"):
		f.Kind = "sbom"
		if strings.Contains(name, "windows") {
			f.OS = "windows"
		}
	default:
		return f, fmt.Errorf("%s: what is this? Say so in packaging/release/feed", name)
	}
	if f.Arch == "" {
		return f, fmt.Errorf("%s does not say for which processor it is", name)
	}
	return f, nil
}

func archOf(name string) string {
	for _, a := range []struct{ in, arch string }{{"amd64", "amd64"}, {"x86_64", "amd64"}, {"arm64", "arm64"}, {"aarch64", "arm64"}} {
		if strings.Contains(name, a.in) {
			return a.arch
		}
	}
	return ""
}

// check looks at a folder of releases as a phone does.
func check(keys, dir string, out io.Writer) error {
	known, err := update.ParseKeys(keys)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "feed.json")
	signed, err := update.VerifyFile(path, known)
	if err != nil {
		return fmt.Errorf("feed.json: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := update.ParseFeed(data)
	if err != nil {
		return err
	}
	if signed.Target != update.FeedTarget || signed.Version != f.Version {
		return fmt.Errorf("feed.json is signed as %s %s", signed.Version, signed.Target)
	}
	for _, file := range f.Files {
		path := filepath.Join(dir, file.Name)
		signed, err := update.VerifyFile(path, known)
		if err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		now, err := describe(path)
		if err != nil {
			return err
		}
		if now != file || signed.Target != file.Target() || signed.Version != f.Version {
			return fmt.Errorf("%s is not what the feed says: %+v, signed as %s %s", file.Name, now, signed.Version, signed.Target)
		}
	}
	fmt.Fprintf(out, "feed of %s, until %s: %d files, as signed\n", f.Version, f.Expires.Format(time.RFC3339), len(f.Files))
	return nil
}
