package ui

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/kiosk"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

const (
	// kioskAskTime is how long the question about the emergency number stands.
	kioskAskTime = 15 * time.Second
	// kioskHelpTime is how long the buttons for the volume stay.
	kioskHelpTime = 12 * time.Second
	// kioskPINTime is how long the administrator's pad stays untouched.
	kioskPINTime = 15 * time.Second
	// kioskCorner is how long the corner is held for the pad to open.
	kioskCorner = 5 * time.Second
	// kioskPINLength bounds what is typed into the pad.
	kioskPINLength = 16
)

// kioskDesk is the screen of a booth: it owns what the window knows by itself,
// turns touches into commands and facts into pictures. All of it runs on the UI
// goroutine.
type kioskDesk struct {
	opts  KioskOptions
	win   fyne.Window
	log   *slog.Logger
	texts *text.Catalogue
	pump  *pump
	cmds  *commands
	voice *kioskVoice
	quit  func()
	now   func() time.Time
	theme func(contrast bool) // puts the colours in force

	facts   present.KioskFacts
	view    present.KioskView
	digits  string // of the PIN
	left    bool   // by the administrator's PIN
	prompt  uint64 // the last PromptID that was handed to the voice
	awake   bool
	ask     time.Time // until when the question stands, zero for none
	help    time.Time
	pin     time.Time
	corner  time.Time // since when the corner has been held
	stage   *kioskStage
	watched bool // a status has come
	usual   int  // the volume at the start
}

func newKioskDesk(ctx context.Context, win fyne.Window, opts KioskOptions, stopped <-chan struct{}) *kioskDesk {
	d := &kioskDesk{opts: opts, win: win, log: opts.Logger, quit: func() {}, now: time.Now}
	base := look.NewTheme(opts.Theme)
	d.theme = func(contrast bool) {
		fyne.CurrentApp().Settings().SetTheme(newKioskTheme(base, opts.Theme, contrast))
	}
	d.pump = newPump(stopped, d.show)
	d.cmds = newCommands(ctx, nil, d.refused)
	d.voice = newKioskVoice(ctx, opts, d.log)
	d.texts = text.For(opts.Lang)
	d.facts.LowFixed, d.facts.Label, d.facts.Contrast = opts.Low, opts.Label, opts.Contrast
	d.facts.Status.Bright = true
	d.loudness()
	d.usual = d.facts.Volume
	d.theme(d.facts.Contrast)
	d.stage = newKioskStage(d, d.act, d.padKey,
		kioskTouch{down: d.groundDown, up: d.groundUp}, kioskTouch{down: d.wake, up: func() {}})
	win.SetContent(d.stage.root)
	d.show(call.Snapshot{})
	d.listen(win.Canvas())
	return d
}

// start follows the booth until ctx ends.
func (d *kioskDesk) start(ctx context.Context) {
	d.pump.begin(ctx)
	follow(d.pump, d.opts.Booth.Watch(d.pump.ctx), d.statusChanged)
}

// stop closes pump, commands and voice, and waits for them.
func (d *kioskDesk) stop() {
	d.pump.close()
	d.cmds.close()
	d.voice.close()
}

// beat is the round trip for the watchdog: it returns nil when a function has
// really run on the UI goroutine after it was called.
func (d *kioskDesk) beat(ctx context.Context) error {
	ran := make(chan struct{})
	d.pump.run(func() { close(ran) })
	select {
	case <-ran:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-d.pump.ctx.Done():
		return ErrKioskClosed
	}
}

// listen has the keys that no button takes.
func (d *kioskDesk) listen(c fyne.Canvas) {
	if dc, ok := c.(desktop.Canvas); ok {
		dc.SetOnKeyDown(func(e *fyne.KeyEvent) { d.keyed(e, nil) })
	}
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyP,
		Modifier: fyne.KeyModifierControl | fyne.KeyModifierAlt | fyne.KeyModifierShift},
		func(fyne.Shortcut) {
			d.openPIN()
			d.again()
		})
}

// statusChanged takes what the booth says now.
func (d *kioskDesk) statusChanged(s kiosk.Status) {
	before := d.facts.Status
	d.facts.Status = s
	if s.Screen.InCall() {
		d.closePIN() // a call is never behind a pad
	}
	if s.Screen != before.Screen {
		d.entered(s.Screen)
	}
	if d.watched && s.Resets != before.Resets {
		d.reset()
	}
	d.watched = true
	if s.PromptID != d.prompt {
		d.prompt = s.PromptID
		d.voice.say(d.texts.Lang(), s.Prompt, s.PromptID)
	}
	if on := s.Screen.InCall(); on != d.awake && d.opts.Awake != nil {
		d.awake = on
		d.cmds.run(func(context.Context) error { d.opts.Awake(on); return nil })
	}
	// The pump renders after this.
}

// entered tidies up when the booth shows another picture.
func (d *kioskDesk) entered(s kiosk.Screen) {
	d.facts.Helping, d.help = false, time.Time{}
	if s.InCall() || s == kiosk.Closed {
		d.facts.Asking, d.ask = false, time.Time{}
	}
	// No button keeps the focus over a change: Space must not press what has
	// come into the old one's place.
	d.win.Canvas().Unfocus()
}

// reset goes back to the start: the visitor has gone.
func (d *kioskDesk) reset() {
	d.closePIN()
	d.facts.Asking, d.ask = false, time.Time{}
	d.facts.Helping, d.help = false, time.Time{}
	d.facts.Low = false
	d.corner = time.Time{}
	d.language(d.opts.Lang)
	d.contrast(d.opts.Contrast)
	if v := d.opts.Volume; v != nil {
		v.SetLevel(d.usual)
		d.loudness()
	}
	d.win.Canvas().Unfocus()
}

// show is the one way from facts to pictures. It returns when the picture
// changes by itself.
func (d *kioskDesk) show(call.Snapshot) time.Time {
	now := d.now()
	if d.facts.Asking = d.facts.Asking && now.Before(d.ask); !d.facts.Asking {
		d.ask = time.Time{}
	}
	if d.facts.Helping = d.facts.Helping && now.Before(d.help); !d.facts.Helping {
		d.help = time.Time{}
	}
	if !d.pin.IsZero() && !now.Before(d.pin) && !d.facts.PIN.Checking {
		d.closePIN()
	}
	corner := time.Time{}
	if !d.corner.IsZero() {
		if corner = d.corner.Add(kioskCorner); !now.Before(corner) {
			d.corner, corner = time.Time{}, time.Time{}
			d.openPIN()
		}
	}
	d.facts.Now = now
	v := present.KioskOf(d.facts, d.texts)
	if v != d.view {
		d.view = v
		d.stage.set(v)
	}
	pin := d.pin
	if d.facts.PIN.Checking {
		pin = time.Time{}
	}
	next := v.Next
	for _, at := range []time.Time{d.ask, d.help, pin, corner} {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// again shows changed facts of the window's own.
func (d *kioskDesk) again() { d.pump.refresh() }

func (d *kioskDesk) clock() time.Time { return d.now() }

func (d *kioskDesk) pointer() desktop.Cursor {
	if d.opts.Pointer {
		return desktop.DefaultCursor
	}
	return desktop.HiddenCursor
}

// refused is called on a command's goroutine. The status shows what came of a
// press; there is nothing to add for a visitor.
func (d *kioskDesk) refused(err error) {
	d.log.Info("command refused", "code", string(call.CodeOf(err)), "err", err)
}

// touched implements kioskHands.
func (d *kioskDesk) touched() bool {
	d.opts.Booth.Touch()
	d.stay()
	return !d.view.Dim
}

// stay gives whoever is there another while.
func (d *kioskDesk) stay() {
	now := d.now()
	if d.facts.Asking {
		d.ask = now.Add(kioskAskTime)
	}
	if d.facts.Helping {
		d.help = now.Add(kioskHelpTime)
	}
	if d.facts.PIN.Open {
		d.pin = now.Add(kioskPINTime)
	}
}

// wake is a touch on the dark screen, which does nothing else.
func (d *kioskDesk) wake(fyne.Position) { d.touched() }

func (d *kioskDesk) groundDown(at fyne.Position) {
	if d.touched() && d.stage.plan.corner.has(at) {
		d.corner = d.now()
	}
	d.again()
}

func (d *kioskDesk) groundUp() {
	if !d.corner.IsZero() {
		d.corner = time.Time{}
		d.again()
	}
}

// act does what a button says.
func (d *kioskDesk) act(do present.KioskDo) {
	b := d.opts.Booth
	switch do {
	case present.KioskCall:
		d.cmds.run(func(ctx context.Context) error { return b.Press(ctx, kiosk.Counsellor) })
	case present.KioskUrgent:
		d.facts.Asking = false
		d.cmds.run(func(ctx context.Context) error { return b.Press(ctx, kiosk.Emergency) })
	case present.KioskHangup:
		d.cmds.run(b.Hangup)
	case present.KioskAsk:
		d.facts.Asking, d.ask = true, d.now().Add(kioskAskTime)
	case present.KioskBack:
		d.facts.Asking = false
	case present.KioskStay:
		b.Touch()
	case present.KioskHear:
		d.facts.Helping, d.help = true, d.now().Add(kioskHelpTime)
		d.louder(+1)
	case present.KioskLouder:
		d.louder(+1)
	case present.KioskQuieter:
		d.louder(-1)
	case present.KioskLanguage:
		d.otherLanguage()
	case present.KioskLow:
		d.facts.Low = !d.facts.Low
	case present.KioskContrast:
		d.contrast(!d.facts.Contrast)
	}
	d.again()
}

func (d *kioskDesk) louder(by int) {
	if d.opts.Volume == nil {
		return
	}
	level, most := d.opts.Volume.Level()
	d.opts.Volume.SetLevel(min(max(level+by, 1), most))
	d.loudness()
}

func (d *kioskDesk) loudness() {
	if d.opts.Volume != nil {
		d.facts.Volume, d.facts.Loudest = d.opts.Volume.Level()
	}
}

// otherLanguage changes the language and says what is to be said in it.
func (d *kioskDesk) otherLanguage() {
	l := text.Korean
	if d.texts.Lang() == text.Korean {
		l = text.English
	}
	d.language(l)
	if s := d.facts.Status; s.Screen == kiosk.Ready && !d.facts.Asking {
		d.voice.say(l, kiosk.PromptWelcome, 0)
	} else {
		d.voice.again(l)
	}
}

func (d *kioskDesk) language(l text.Lang) {
	if l != d.texts.Lang() {
		d.texts = text.For(l)
	}
}

func (d *kioskDesk) contrast(on bool) {
	if on != d.facts.Contrast {
		d.facts.Contrast = on
		d.theme(on)
	}
}
