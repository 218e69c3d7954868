package update

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// unfinished is what a file is called while it is downloaded.
	unfinished = ".nxphone-download-*"
	// youngest is the age from which on such a file may be nobody's: a process that
	// has made one a moment ago may not hold it yet.
	youngest = time.Minute
	// outlived is the age of a downloaded file that nobody has installed.
	outlived = 24 * time.Hour
)

// Tidy removes from dir, which must hold nothing but downloads, what killed
// programs have left there, and what was downloaded more than a day ago. What
// another process is downloading at this moment stays. It is for the start of a
// program: after it the folder holds a day's downloads at most.
func Tidy(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // there is no folder, and nothing to remove
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := e.Info()
		switch {
		case err != nil || e.IsDir():
		case strings.HasPrefix(e.Name(), "."): // also as older versions have called it
			removeAbandoned(path)
		case time.Since(info.ModTime()) > outlived:
			_ = os.Remove(path)
		}
	}
}

// tidyUnfinished removes unfinished downloads of this program that nobody is at
// from a folder that may hold other things.
func tidyUnfinished(dir string) {
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(dir), unfinished)) // the pattern is right
	for _, path := range paths {
		removeAbandoned(path)
	}
}

// escapeGlob makes a folder's name one that stands for itself in a pattern.
func escapeGlob(dir string) string {
	if os.PathSeparator == '\\' {
		return dir // "[" is all that could be taken wrongly, and nothing is removed then
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// removeAbandoned removes a file that no process holds.
func removeAbandoned(path string) {
	info, err := os.Lstat(path)
	if err != nil || time.Since(info.ModTime()) < youngest {
		return
	}
	if info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return
		}
		held := !hold(f)
		_ = f.Close()
		if held {
			return
		}
	}
	_ = os.Remove(path)
}
