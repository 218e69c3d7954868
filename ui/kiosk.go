package ui

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/assets/text"
	"nxphone/call/kiosk"
	"nxphone/ui/look"
)

// Booth is the logic of a booth as its screen needs it; *kiosk.Booth is one.
// Its methods may be called from any goroutine; those with a context may wait.
type Booth interface {
	// Watch gives what is to be shown now, then after each change, the newest
	// only, until ctx ends.
	Watch(ctx context.Context) iter.Seq[kiosk.Status]
	// Press is a press of one of the booth's buttons, Hangup of the button
	// that ends the call.
	Press(ctx context.Context, b kiosk.Button) error
	Hangup(ctx context.Context) error
	// Touch says that somebody is there. It returns at once.
	Touch()
	// PIN tries the administrator's PIN: whether it was right, and how long no
	// other one is looked at.
	PIN(ctx context.Context, digits string) (ok bool, wait time.Duration)
	// Spoken says that a prompt has been played. It returns at once.
	Spoken(id uint64)
}

// Volume is how loud the far end is played. Its methods return at once.
type Volume interface {
	// Level is the present step, from 1 to most.
	Level() (level, most int)
	// SetLevel takes another step.
	SetLevel(level int)
}

// KioskOptions configure the screen of a booth. Booth is required.
type KioskOptions struct {
	Booth Booth
	// Lang is what the screen begins with and goes back to; empty follows the
	// system.
	Lang text.Lang
	// Theme is light, dark, or the system's. The visitor can have high contrast
	// in each; Contrast begins with it.
	Theme    look.Brightness
	Contrast bool
	// Low is the organisation's word that everything to be touched lies in the
	// low part of the screen; else the visitor can have it so.
	Low bool
	// Label is what people know the emergency number by ("119"); empty when it
	// is no public number.
	Label string
	// Volume may be nil: the visitor then gets advice and no buttons.
	Volume Volume
	// Voice gives the recording of a prompt, 48 kHz mono; it may give one
	// together with an error, which is logged. Play plays it and returns when
	// it is over or ctx ends. With either nil nothing is spoken.
	Voice func(l text.Lang, p kiosk.Prompt) ([]int16, error)
	Play  func(ctx context.Context, pcm []int16) error
	// Awake keeps the machine's screen saver off, or lets it be. It is called
	// off the UI goroutine. May be nil.
	Awake func(on bool)
	// Pointer shows the mouse; a touch screen has none.
	Pointer bool
	// Ready is called once, off the UI goroutine, when the first frame with
	// content has been drawn. beat makes a round trip through the UI goroutine
	// and returns when it has really run there, or with why it cannot. May be
	// nil.
	Ready func(beat func(ctx context.Context) error)
	// Logger takes the screen's and the toolkit's messages, nil for none.
	Logger *slog.Logger
	// Getenv is os.Getenv where nil.
	Getenv func(string) string
}

// ErrKioskClosed is what a beat gets when the screen is being closed.
var ErrKioskClosed = errors.New("ui: the booth's screen is closed")

// RunKiosk shows a booth on the whole screen. It must be called on the main
// goroutine, once a process. It returns nil only when the administrator has
// left by the PIN; else why ctx ended, or why no screen could be opened
// ([ErrNoDisplay], [ErrNoOpenGL]). No key, gesture or window manager's wish
// closes it.
func RunKiosk(ctx context.Context, opts KioskOptions) error {
	opts = kioskDefaults(opts)
	defer quietToolkit(opts.Logger)()
	a, err := newApp(opts.Getenv)
	if err != nil {
		return err
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()

	stopped := make(chan struct{})
	win, d, err := openKiosk(inner, a, opts, stopped)
	if err != nil {
		return err
	}
	var quit sync.Once
	d.quit = func() {
		quit.Do(func() {
			cancel()
			d.stop()
			a.Quit()
		})
	}
	win.SetCloseIntercept(func() {}) // whoever asks
	// Where there is a window manager, its own keys can give the focus to
	// another window or put all of them away.
	a.Lifecycle().SetOnExitedForeground(func() { d.pump.run(win.RequestFocus) })
	d.start(inner)
	d.cmds.run(func(ctx context.Context) error {
		d.keepFilling(ctx)
		return nil
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-inner.Done()
		d.pump.run(d.quit)
	}()
	if opts.Ready != nil {
		d.cmds.run(func(ctx context.Context) error {
			return afterFirstFrame(ctx, d.pump, func() { opts.Ready(d.beat) })
		})
	}
	a.Run()
	// The toolkit also leaves by itself, on SIGTERM.
	close(stopped)
	d.stop()
	cancel()
	<-ended
	if d.left {
		return nil
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return context.Canceled // SIGTERM reached the toolkit before ctx
}

func kioskDefaults(o KioskOptions) KioskOptions {
	w := withDefaults(Options{Logger: o.Logger, Getenv: o.Getenv})
	o.Logger, o.Getenv = w.Logger, w.Getenv
	if o.Lang == "" {
		o.Lang = text.System(o.Getenv)
	}
	return o
}

// openKiosk makes the window and makes sure that it exists, as openWindow does.
func openKiosk(ctx context.Context, a fyne.App, opts KioskOptions, stopped <-chan struct{}) (fyne.Window, *kioskDesk, error) {
	for _, egl := range []bool{false, true} {
		if egl && !preferEGL() {
			break
		}
		win := a.NewWindow("nxphone")
		win.SetPadded(false)
		win.SetMaster()
		d := newKioskDesk(ctx, win, opts, stopped)
		fillScreen(win)
		win.Show()
		if exists(win) {
			return win, d, nil
		}
		d.stop()
	}
	return nil, nil, ErrNoOpenGL
}
