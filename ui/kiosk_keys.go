package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/ui/present"
)

// keyed implements kioskHands: every key that goes down ends up here. Physical
// buttons of a booth send 1 and 2; Tab moves the focus (the toolkit does), Space
// and Enter press what has it. focused is nil where no button has it.
func (d *kioskDesk) keyed(e *fyne.KeyEvent, focused func()) {
	if !d.touched() {
		d.again()
		return // it has only woken the screen
	}
	switch {
	case d.facts.PIN.Open:
		d.padTyped(e, focused)
	case e.Name == fyne.KeySpace, e.Name == fyne.KeyReturn, e.Name == fyne.KeyEnter:
		if focused != nil {
			focused()
		}
	default:
		for _, b := range []*kioskButton{d.stage.main, d.stage.apart, d.stage.pair} {
			if b.face.Key != 0 && string(e.Name) == string(b.face.Key) {
				b.press()
				break
			}
		}
	}
	d.again()
}

// openPIN opens the administrator's pad, where there is a PIN and no call.
func (d *kioskDesk) openPIN() {
	if !d.facts.Status.PIN || d.facts.Status.Screen.InCall() || d.facts.PIN.Open {
		return
	}
	d.touched()
	d.facts.PIN = present.KioskPad{Open: true}
	d.digits = ""
	d.pin = d.now().Add(kioskPINTime)
	d.win.Canvas().Unfocus()
}

func (d *kioskDesk) closePIN() {
	d.facts.PIN, d.digits, d.pin = present.KioskPad{}, "", time.Time{}
}

func (d *kioskDesk) padTyped(e *fyne.KeyEvent, focused func()) {
	switch name := string(e.Name); {
	case focused != nil && e.Name == fyne.KeySpace:
		focused()
	case len(name) == 1 && strings.ContainsAny(name, "0123456789"):
		d.padKey(rune(name[0]))
	case e.Name == fyne.KeyBackspace:
		d.padKey(padErase)
	case e.Name == fyne.KeyReturn, e.Name == fyne.KeyEnter:
		d.padKey(padEnter)
	case e.Name == fyne.KeyEscape:
		d.padKey(padClose)
	}
}

// padKey is a key of the pad.
func (d *kioskDesk) padKey(r rune) {
	v := d.view.PIN
	switch {
	case !v.Open:
		return
	case r == padClose:
		d.closePIN()
	case !v.Enabled:
	case r == padErase:
		if d.digits != "" {
			d.digits = d.digits[:len(d.digits)-1]
		}
	case r == padEnter:
		d.tryPIN()
	case len(d.digits) < kioskPINLength:
		d.digits += string(r)
		d.facts.PIN.Wrong = false
	}
	if d.facts.PIN.Open {
		d.facts.PIN.Digits = len(d.digits)
	}
	d.again()
}

// tryPIN has the PIN looked at, which takes a while on purpose.
func (d *kioskDesk) tryPIN() {
	if d.digits == "" {
		return
	}
	digits := d.digits
	d.digits = ""
	d.facts.PIN.Checking = true
	d.cmds.run(func(ctx context.Context) error {
		ok, _ := d.opts.Booth.PIN(ctx, digits)
		d.pump.run(func() { d.pinTried(ok) })
		return nil
	})
}

func (d *kioskDesk) pinTried(ok bool) {
	if ok {
		d.left = true
		d.quit()
		return
	}
	if d.facts.PIN.Open { // a call may have closed it
		d.facts.PIN = present.KioskPad{Open: true, Wrong: true}
		d.pin = d.now().Add(kioskPINTime)
	}
}
