package recent

import (
	"os"
	"testing"
)

// TestLock runs on Windows, and under Wine by packaging/windows/test.
func TestLock(t *testing.T) {
	name := ""
	open := func() *os.File {
		t.Helper()
		var f *os.File
		var err error
		if name == "" {
			// Not t.TempDir: old versions of Wine cannot remove it.
			if f, err = os.CreateTemp("", "lock"); err == nil {
				name = f.Name()
			}
		} else {
			f, err = os.OpenFile(name, os.O_RDWR, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	first := open()
	second := open()
	defer second.Close()
	if !tryLock(first) {
		t.Fatal("nobody has it, and it is not to be had")
	}
	if tryLock(second) {
		t.Error("two have it")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if !tryLock(second) {
		t.Error("the first one has gone, and it is not to be had")
	}
}
