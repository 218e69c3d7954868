// Command nxphone is a counsellor's phone: a window with a dial pad, one
// outgoing call at a time by SIP over WebSocket, and the same calls from the
// command line and from web pages. What it can do is told by "nxphone help".
//
// This package is the composition root: it alone knows which adapter stands
// behind which port, reads flags and settings, and owns the order in which
// everything is shut down (new commands, the web API's first, the call, media,
// devices, and the window last).
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Exit statuses; other people's scripts rely on them.
const (
	exitOK     = 0 // answered and ended normally, or nothing to complain about
	exitFailed = 1 // anything else that happened to the call or the program
	exitUsage  = 2 // wrong use: nothing was sent
)

// minProcs is the least number of threads that may run Go code at once. The
// sound device calls back on a thread of its own and waits for one of these:
// with as many as there are cores, busy goroutines make it wait for a
// scheduler's quantum (10 ms), which is a gap that one can hear.
const minProcs = 8

func main() {
	runtime.GOMAXPROCS(max(minProcs, 4*runtime.NumCPU()))
	// A reader that goes away ("nxphone call ... | head -1", a terminal that is
	// closed under a window) would end the process by SIGPIPE, in the middle of
	// a call and without a BYE. Somebody who is notified gets EPIPE from the
	// write instead; nobody reads the channel.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	joinConsole(os.Args[1:], stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
