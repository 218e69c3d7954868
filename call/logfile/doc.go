// Package logfile keeps the last messages of the phone in a file, so that there is
// something to look at when a counsellor says "it did not work this morning".
//
// # Usage
//
//	f := logfile.Open(path, logfile.Options{})
//	defer f.Close()
//	log := slog.New(logfile.Both(terminal, f.Handler(slog.LevelInfo)))
//
// # What it promises
//
// Nothing that package scrub takes for a number or a secret is ever written. The
// file and the one before it ("NAME.1") hold at most [Options].Size bytes each and
// belong to the user alone (0600). A disk that hangs or is full costs messages,
// never a call: lines wait in a queue of bounded length, and what does not fit is
// counted and dropped.
//
// # Concurrency and testing
//
// All methods may be called from any goroutine. A File owns one goroutine, which
// Close waits for, a second at most. Tests write into folders of their own.
//
// # Models
//
// lumberjack (a size, and files that are renamed) and tailscale's logtail (a
// bounded queue that drops). Better here: two files are all there is, so the disk
// cannot fill, and text is scrubbed before it is written instead of when it is
// read.
package logfile
