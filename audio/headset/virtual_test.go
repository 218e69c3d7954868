//go:build linux && uhid

package headset_test

// These tests need /dev/uhid and the right to use it, which a virtual machine
// has: call/interop/headset builds them with the tag "uhid" and runs them there.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nxphone/audio/headset"
	"nxphone/audio/headset/headsettest"
)

// patience bounds every wait. An emulated computer is slow.
const patience = time.Minute

// USB IDs whose kernel drivers are not the generic one.
const (
	vendorJabra = 0x0b0e
	vendorPoly  = 0x047f
)

type rig struct {
	t        *testing.T
	link     *headset.Link
	statuses chan []headset.Status
}

func start(t *testing.T) *rig { return startAs(t, 0) }

// startAs runs a link as another user of the file system.
func startAs(t *testing.T, user int) *rig {
	r := &rig{t: t, link: headset.New(headset.Options{}), statuses: make(chan []headset.Status, 64)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() {
		// Run opens devices on its own goroutine. The thread is not given back.
		runtime.LockOSThread()
		if err := unix.Setfsuid(user); err != nil {
			ended <- err
			return
		}
		ended <- r.link.Run(ctx)
	}()
	go func() {
		for s := range r.link.Watch(ctx) {
			r.statuses <- s
		}
		ended <- nil
	}()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
		}
	})
	return r
}

func (r *rig) status(want ...headset.Status) {
	r.t.Helper()
	limit := time.After(patience)
	var got []headset.Status
	for {
		select {
		case got = <-r.statuses:
			if slices.Equal(got, want) {
				r.t.Logf("status: %+v", got)
				return
			}
		case <-limit:
			r.t.Fatalf("status %+v, want %+v", got, want)
		}
	}
}

func (r *rig) command(want headset.Command) {
	r.t.Helper()
	select {
	case got := <-r.link.Commands():
		if got != want {
			r.t.Fatalf("the button asks to %v, want %v", got, want)
		}
		r.t.Logf("command: %v", got)
	case <-time.After(patience):
		r.t.Fatalf("no command came; want %v", want)
	}
}

type unit struct {
	*headsettest.Virtual
	t *testing.T
}

func (r *rig) plug(name string, vendor uint32, descriptor []byte) unit {
	r.t.Helper()
	v, err := headsettest.Plug(name, vendor, 0x0001, descriptor)
	if err != nil {
		r.t.Fatal(err)
	}
	return unit{v, r.t}
}

func (u unit) report(report ...byte) {
	u.t.Helper()
	if err := u.Report(report...); err != nil {
		u.t.Fatal(err)
	}
}

func (u unit) unplug() {
	u.t.Helper()
	if err := u.Unplug(); err != nil {
		u.t.Fatal(err)
	}
}

func (u unit) written(want ...byte) {
	u.t.Helper()
	select {
	case got := <-u.Written():
		if !bytes.Equal(got, want) {
			u.t.Fatalf("the headset got % x, want % x", got, want)
		}
		u.t.Logf("lights: % x", got)
	case <-time.After(patience):
		u.t.Fatalf("the headset got nothing; want % x", want)
	}
}

// settle lets the second go by in which a hook that falls is not believed.
func settle() { <-time.After(1500 * time.Millisecond) }

func TestVirtualCall(t *testing.T) {
	r := start(t)
	r.status()
	jabra := r.plug("GN Audio A/S Jabra-like", vendorJabra, headsettest.JabraLike())
	r.status(headset.Status{Name: "GN Audio A/S Jabra-like", HasHook: true, HasMute: true})

	r.link.Update(headset.Phone{Call: true})
	jabra.written(2, 0x01, 0) // off-hook
	jabra.report(2, 0x01, 0)  // it answers
	settle()
	jabra.report(2, 0x05, 0) // the mute button
	r.command(headset.Mute)
	r.link.Update(headset.Phone{Call: true, Answered: true, Muted: true})
	jabra.written(2, 0x15, 0) // off-hook, mute and microphone
	jabra.report(2, 0x01, 0)
	jabra.report(2, 0x00, 0) // the hook button
	r.command(headset.HangUp)
	r.link.Update(headset.Phone{})
	jabra.written(2, 0, 0)

	jabra.unplug()
	r.status()
}

func TestVirtualReplug(t *testing.T) {
	r := start(t)
	jabra := r.plug("Jabra-like", vendorJabra, headsettest.JabraLike())
	r.status(headset.Status{Name: "Jabra-like", HasHook: true, HasMute: true})
	r.link.Update(headset.Phone{Call: true, Answered: true, Muted: true, Held: true})
	jabra.written(2, 0x09, 0)
	jabra.written(2, 0x1d, 0)
	jabra.unplug()
	r.status()
	for i := range 3 { // in mid-call; its lights are those of the call again
		name := fmt.Sprint("Jabra-like ", i)
		jabra = r.plug(name, vendorJabra, headsettest.JabraLike())
		r.status(headset.Status{Name: name, HasHook: true, HasMute: true})
		jabra.written(2, 0x09, 0)
		jabra.written(2, 0x1d, 0)
		settle()
		jabra.report(2, 0x05, 0)
		r.command(headset.Unmute)
		jabra.unplug()
		r.status()
	}
}

func TestVirtualSecondVendor(t *testing.T) {
	r := start(t)
	keyboard := r.plug("Keyboard", 0x1209, headsettest.Keyboard())
	defer keyboard.unplug()
	poly := r.plug("Poly-like", vendorPoly, headsettest.PolyLike())
	there := headset.Status{Name: "Poly-like", HasHook: true, HasMute: true}
	r.status(there)
	r.link.Update(headset.Phone{Call: true})
	poly.written(9, 0)
	poly.written(10, 1)
	poly.report(8, 0x10)
	settle()
	poly.report(8, 0x30) // the boom goes up
	r.command(headset.Mute)
	up := there
	up.Muted = true
	r.status(up)
	up.Trouble = headset.TroubleMuted // and the phone does not follow
	r.status(up)
	up.Trouble = headset.TroubleNone
	r.link.Update(headset.Phone{Call: true, Answered: true, Muted: true})
	poly.written(9, 1)
	poly.written(10, 1)
	r.status(up)

	// A handset without report IDs joins in.
	plain := r.plug("Plain", 0x1209, headsettest.Plain())
	another := headset.Status{Name: "Plain", HasHook: true, HasMute: true}
	r.status(up, another)
	plain.written(0, 1)
	plain.written(0, 3)
	plain.report(3) // off-hook and muted, as it was told
	another.Muted = true
	r.status(up, another)
	settle()
	plain.report(2)
	r.command(headset.HangUp)
	r.link.Update(headset.Phone{})
	poly.written(9, 0)
	poly.written(10, 0)
	plain.written(0, 0)
	plain.unplug()
	poly.unplug()
	r.status()
}

// TestVirtualPermission: the kernel gives a device to root alone, and a rule
// opens it a moment later.
func TestVirtualPermission(t *testing.T) {
	const nobody = 65534
	r := startAs(t, nobody)
	jabra := r.plug("Jabra-like", vendorJabra, headsettest.JabraLike())
	there := headset.Status{Name: "Jabra-like", HasHook: true, HasMute: true, Trouble: headset.TroubleAccess}
	r.status(there)
	nodes, err := filepath.Glob("/dev/hidraw*")
	if err != nil || len(nodes) != 1 {
		t.Fatalf("%q, %v", nodes, err)
	}
	if err := os.Chmod(nodes[0], 0o666); err != nil {
		t.Fatal(err)
	}
	there.Trouble = headset.TroubleNone
	r.status(there)
	r.link.Update(headset.Phone{Call: true})
	jabra.written(2, 0x01, 0)
	jabra.unplug()
	r.status()
}
