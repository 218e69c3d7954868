package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// consoleVar is set by the console twin, nxphone.com, for the program that it
// starts and waits for.
const consoleVar = "NXPHONE_CONSOLE"

// joinConsole takes the console of the shell that this program was started by. A
// program with a window has none by itself, so that none opens behind the phone:
// what a command prints would go nowhere. Streams that go to a file or a pipe
// stay as they are. The window takes a console only with the twin, which waits:
// else closing the console later would end the phone. end is called when somebody
// presses Ctrl-C there, or closes it.
func joinConsole(args []string, end func()) {
	if o, err := parse(args); err == nil && o.command == "window" && os.Getenv(consoleVar) == "" {
		return
	}
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	if ok, _, _ := kernel.NewProc("AttachConsole").Call(parent); ok == 0 {
		return // there is none, or this is one of its programs already
	}
	for _, s := range []struct {
		stream **os.File
		name   string
		mode   int
	}{{&os.Stdin, "CONIN$", os.O_RDWR}, {&os.Stdout, "CONOUT$", os.O_RDWR}, {&os.Stderr, "CONOUT$", os.O_RDWR}} {
		if !usable(*s.stream) {
			if f, err := os.OpenFile(s.name, s.mode, 0); err == nil {
				*s.stream = f
			}
		}
	}
	// The Go runtime has asked for Ctrl-C too, but a new console forgets who has.
	asked := windows.NewCallback(func(event uintptr) uintptr {
		end()
		if event != windows.CTRL_C_EVENT && event != windows.CTRL_BREAK_EVENT {
			select {} // the process ends when this returns; it ends by itself before
		}
		return 1
	})
	_, _, _ = kernel.NewProc("SetConsoleCtrlHandler").Call(asked, 1) // else Ctrl-C ends the program at once
}

// usable reports whether something is at the other end of a stream.
func usable(f *os.File) bool {
	if f == nil {
		return false
	}
	kind, err := windows.GetFileType(windows.Handle(f.Fd()))
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}

// showAlone shows a text in a box of its own where nobody reads standard error:
// a window that does not come would otherwise not come in silence.
func showAlone(text string) {
	if usable(os.Stderr) || text == "" {
		return
	}
	body, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return
	}
	const iconError, foreground = 0x10, 0x10000
	_, _ = windows.MessageBox(0, body, windows.StringToUTF16Ptr("nxphone"), iconError|foreground)
}
