package ui

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"

	"nxphone/assets"
	"nxphone/assets/text"
	"nxphone/ui/hush"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// Run opens the window and returns when it has been closed or ctx has ended.
// It must be called on the main goroutine, once a process. A call that is up
// when the user closes the window has been hung up by then, or closeTime has
// passed; when ctx ends the call is left to whoever ended it.
func Run(ctx context.Context, opts Options) error {
	opts = withDefaults(opts)
	defer quietToolkit(opts.Logger)()
	a, err := newApp(opts.Getenv)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	stopped := make(chan struct{})
	win, d, err := openWindow(ctx, a, opts, stopped)
	if err != nil {
		return err
	}
	var quit sync.Once
	d.quit = func() {
		quit.Do(func() {
			d.rememberSeat() // d.stop waits for it
			cancel()
			d.stop()
			a.Quit()
		})
	}
	win.SetCloseIntercept(d.closeAsked)
	a.Lifecycle().SetOnEnteredForeground(func() { d.front(true) })
	a.Lifecycle().SetOnExitedForeground(func() { d.front(false) })
	d.pump.start(ctx, opts.Phone)
	relay(d.pump, opts.Handed, d.handed)
	relay(d.pump, opts.Orders, d.ordered)
	relay(d.pump, opts.Sound, func(s present.Sound) { d.notice(s.NoticeOf()) })
	d.followDesk()
	d.joinSession()
	d.takeSeat(d.facts.Size.String(), d.windowSize())
	if opts.Web != nil {
		follow(d.pump, opts.Web.Watch(d.pump.ctx), d.webChanged)
	}
	if opts.Updates != nil {
		follow(d.pump, opts.Updates.Watch(d.pump.ctx), d.updateChanged)
	}
	if opts.Headset != nil {
		follow(d.pump, opts.Headset.Watch(d.pump.ctx), d.headsetChanged)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		d.pump.run(d.quit)
	}()
	if opts.OnShown != nil {
		d.cmds.run(func(ctx context.Context) error { return afterFirstFrame(ctx, d.pump, opts.OnShown) })
	}
	a.Run()
	// The toolkit also leaves by itself, on SIGTERM.
	close(stopped)
	d.stop()
	cancel()
	<-ended
	return nil
}

func withDefaults(o Options) Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	return o
}

// openWindow makes the window and makes sure that it exists: without GLX the
// toolkit logs a line and goes on without one. Mesa's EGL is tried then.
func openWindow(ctx context.Context, a fyne.App, opts Options, stopped <-chan struct{}) (fyne.Window, *desk, error) {
	v := opts.Settings.Values()
	a.Settings().SetTheme(look.NewTheme(v.Theme).Text(v.TextSize))
	for _, egl := range []bool{false, true} {
		if egl && !preferEGL() {
			break
		}
		win := a.NewWindow("nxphone")
		win.SetPadded(false)
		win.SetMaster()
		d := newDesk(ctx, win, opts, stopped)
		d.firstRun()
		toolkitWords(d.texts.Lang())
		win.Resize(d.seatOf(d.facts.Size.String(), d.windowSize()))
		win.Show()
		if exists(win) {
			return win, d, nil
		}
		d.stop()
	}
	return nil, nil, ErrNoOpenGL
}

// newApp makes the toolkit's program, where there is a display.
func newApp(getenv func(string) string) (fyne.App, error) {
	if err := checkDisplay(getenv); err != nil {
		return nil, err
	}
	a := app.NewWithID("nxphone")
	a.SetIcon(fyne.NewStaticResource("nxphone.png", assets.AppIcon()))
	skipPreferences(a)
	return a, nil
}

// afterFirstFrame calls shown when the event loop has come round once after
// the window was painted. The loop turns 60 times a second.
func afterFirstFrame(ctx context.Context, p *pump, shown func()) error {
	turned := make(chan struct{})
	p.run(func() { close(turned) })
	select {
	case <-turned:
	case <-ctx.Done():
		return nil
	}
	select {
	case <-time.After(time.Second / 60):
		shown()
	case <-ctx.Done():
	}
	return nil
}

// toolkitWords puts the toolkit's own words into our language, whatever the
// system's is.
func toolkitWords(l text.Lang) {
	// Registered under the system's locale, because the toolkit always looks
	// there and has no switch.
	_ = lang.AddTranslationsForLocale(text.Toolkit(l), lang.SystemLocale()) // our own JSON, read in a test
}

// skipPreferences takes back the toolkit's own hook for its end, which saves
// preferences that we do not use. It is queued while the queue is being closed
// (2.7.4), and a program that loses that race panics on its way out.
func skipPreferences(a fyne.App) {
	type hooked interface{ SetOnStoppedHookExecuted(func()) }
	if l, ok := a.Lifecycle().(hooked); ok {
		l.SetOnStoppedHookExecuted(nil)
	}
}

// quietToolkit sends the toolkit's messages, which go to the standard logger,
// into ours, and returns what undoes that.
func quietToolkit(l *slog.Logger) func() {
	flags, out := log.Flags(), log.Writer()
	log.SetFlags(0)
	log.SetOutput(toolkitLog{l})
	return func() {
		log.SetFlags(flags)
		log.SetOutput(out)
	}
}

type toolkitLog struct{ log *slog.Logger }

var _ io.Writer = toolkitLog{}

func (t toolkitLog) Write(p []byte) (int, error) {
	t.log.Debug("toolkit: " + strings.TrimSpace(string(p)))
	return len(p), nil
}

// The toolkit's packages are initialised before ours.
func init() { hush.End() }
