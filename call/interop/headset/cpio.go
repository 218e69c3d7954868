package headset

import (
	"fmt"
	"io"
)

// archive writes an initial RAM file system: a cpio archive in the "newc" form
// (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst).
type archive struct {
	w     io.Writer
	inode int
	err   error
}

// Modes of entries.
const (
	modeFolder  = 0o040755
	modeProgram = 0o100755
	modeConsole = 0o020600
)

func (a *archive) folder(name string)            { a.add(name, modeFolder, 0, 0, nil) }
func (a *archive) file(name string, data []byte) { a.add(name, modeProgram, 0, 0, data) }

// console is what init finds as its standard output.
func (a *archive) console() { a.add("dev/console", modeConsole, 5, 1, nil) }

// close writes the entry that ends the archive.
func (a *archive) close() error {
	a.add("TRAILER!!!", 0, 0, 0, nil)
	return a.err
}

func (a *archive) add(name string, mode, major, minor int, data []byte) {
	if a.err != nil {
		return
	}
	a.inode++
	// Magic, then thirteen numbers: inode, mode, user, group, links, time,
	// size, device (two), the node's own device (two), the name's length with
	// its zero, and a checksum that this form does not use.
	header := "070701"
	for _, n := range []int{a.inode, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name) + 1, 0} {
		header += fmt.Sprintf("%08x", n)
	}
	a.write([]byte(header + name + "\x00"))
	a.pad(len(header) + len(name) + 1)
	a.write(data)
	a.pad(len(data))
}

// pad fills up to a multiple of four.
func (a *archive) pad(n int) { a.write(make([]byte, -n&3)) }

func (a *archive) write(b []byte) {
	if a.err == nil {
		_, a.err = a.w.Write(b)
	}
}
