package headset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio/headset/headsettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a system in memory.
type desk struct {
	changed chan struct{}

	mu     sync.Mutex
	nodes  map[string]node
	denied map[string]bool
	serial int
	fault  error // of list
	opened map[string]*wire
}

// wire is an open device: reports go in, what was written comes out.
type wire struct {
	in     chan []byte
	closed chan struct{}
	once   sync.Once
	gone   error // what Read gives once in is closed

	mu    sync.Mutex
	out   []string
	stuck chan struct{} // a Write waits for it
	fault error
}

func newDesk() *desk {
	return &desk{changed: make(chan struct{}, 1), nodes: map[string]node{}, denied: map[string]bool{}, opened: map[string]*wire{}}
}

func (d *desk) list() (map[string]node, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.nodes), d.fault
}

func (d *desk) open(name string) (device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.denied[name] {
		return nil, fmt.Errorf("%w: EACCES", errDenied)
	}
	w := &wire{in: make(chan []byte), closed: make(chan struct{}), gone: errors.New("input/output error")}
	d.opened[name] = w
	return w, nil
}

func (d *desk) changes(context.Context, *sync.WaitGroup) <-chan struct{} { return d.changed }

func (d *desk) plug(name, label string, descriptor []byte) {
	d.mu.Lock()
	d.serial++
	d.nodes[name] = node{id: fmt.Sprint(d.serial), label: label, descriptor: descriptor}
	d.mu.Unlock()
	d.tell()
}

func (d *desk) unplug(name string) {
	d.mu.Lock()
	w := d.opened[name]
	delete(d.nodes, name)
	d.mu.Unlock()
	if w != nil {
		close(w.in)
	}
	d.tell()
}

func (d *desk) tell() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

func (d *desk) wire(name string) *wire {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.opened[name]
}

func (w *wire) Read(b []byte) (int, error) {
	select {
	case r, ok := <-w.in:
		if !ok {
			return 0, w.gone
		}
		return copy(b, r), nil
	case <-w.closed:
		return 0, io.ErrClosedPipe
	}
}

func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	stuck, fault := w.stuck, w.fault
	w.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	if fault != nil {
		return 0, fault
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, fmt.Sprintf("%x", b))
	return len(b), nil
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// written takes what has been written since it was called last.
func (w *wire) written() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.out
	w.out = nil
	return out
}

// rig runs a link in a synctest bubble.
type rig struct {
	t      *testing.T
	desk   *desk
	link   *Link
	stop   context.CancelFunc
	ended  chan error
	status []Status
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, desk: newDesk(), ended: make(chan error, 1)}
	r.link = New(Options{system: r.desk})
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	go func() { r.ended <- r.link.Run(ctx) }()
	synctest.Wait()
	return r
}

func (r *rig) end() {
	r.t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
}

func (r *rig) update(p Phone) {
	r.link.Update(p)
	synctest.Wait()
}

func (r *rig) send(name string, report ...byte) {
	r.desk.wire(name).in <- report
	synctest.Wait()
}

func (r *rig) wantCommands(want ...Command) {
	r.t.Helper()
	synctest.Wait()
	var got []Command
	for {
		select {
		case c := <-r.link.Commands():
			got = append(got, c)
			continue
		default:
		}
		break
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("commands %v, want %v", got, want)
	}
}

func (r *rig) wantWritten(name string, want ...string) {
	r.t.Helper()
	synctest.Wait()
	if got := r.desk.wire(name).written(); !slices.Equal(got, want) {
		r.t.Errorf("%s was written %v, want %v", name, got, want)
	}
}

func (r *rig) wantStatus(want ...Status) {
	r.t.Helper()
	synctest.Wait()
	for got := range r.link.Watch(r.t.Context()) {
		if !slices.Equal(got, want) {
			r.t.Errorf("status %+v, want %+v", got, want)
		}
		return
	}
}

func TestLinkFollowsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Keys", headsettest.Keyboard())
		r.desk.plug("hidraw1", "Jabra-like", headsettest.JabraLike())
		r.wantStatus(Status{Name: "Jabra-like", HasHook: true, HasMute: true})
		if r.desk.wire("hidraw0") != nil {
			t.Error("a keyboard was opened")
		}
		r.wantWritten("hidraw1") // other programs may be using it
		r.update(Phone{Call: true})
		r.wantWritten("hidraw1", "020100")
		r.send("hidraw1", 2, 0x01, 0)
		time.Sleep(5 * time.Second)
		r.send("hidraw1", 2, 0x05, 0)
		r.wantCommands(Mute)
		r.update(Phone{Call: true, Muted: true})
		r.send("hidraw1", 2, 0x01, 0)
		r.wantWritten("hidraw1", "021500")
		time.Sleep(5 * time.Second)
		r.send("hidraw1", 2, 0x00, 0)
		r.wantCommands(HangUp)
		r.update(Phone{})
		r.wantWritten("hidraw1", "020000")
		r.end()
	})
}

func TestLinkReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Poly-like", headsettest.PolyLike())
		r.update(Phone{Call: true, Muted: true})
		r.wantWritten("hidraw0", "0900", "0a01", "0901", "0a01")
		r.desk.unplug("hidraw0")
		r.wantStatus()
		// Another maker's takes the same name, between two looks at the desk.
		r.desk.plug("hidraw0", "Plain", headsettest.Plain())
		r.wantStatus(Status{Name: "Plain", HasHook: true, HasMute: true})
		r.wantWritten("hidraw0", "0001", "0003")
		time.Sleep(2 * time.Second)
		r.send("hidraw0", 0x01)
		r.send("hidraw0", 0x00)
		r.wantCommands(HangUp)
		r.end()
		r.wantWritten("hidraw0", "0000")
	})
}

// TestLinkExchange: the device behind a name changes without a moment in which
// the name is gone.
func TestLinkExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "One", headsettest.Plain())
		synctest.Wait()
		one := r.desk.wire("hidraw0")
		r.desk.plug("hidraw0", "Two", headsettest.Plain())
		r.wantStatus(Status{Name: "Two", HasHook: true, HasMute: true})
		select {
		case <-one.closed:
		default:
			t.Error("the first is still open")
		}
		r.end()
	})
}

// TestLinkBreaksOff: a device whose file gives an error and which stays, as after
// a sleep of the computer, is opened again; one that does so again and again is
// left alone.
func TestLinkBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		there := Status{Name: "Plain", HasHook: true, HasMute: true}
		r.desk.plug("hidraw0", "Plain", headsettest.Plain())
		r.update(Phone{Call: true})
		r.wantWritten("hidraw0", "0001")
		close(r.desk.wire("hidraw0").in)
		r.wantStatus()
		r.desk.tell() // others come and go
		r.wantStatus()
		time.Sleep(againTime)
		r.wantStatus(there)
		r.wantWritten("hidraw0", "0001")
		r.send("hidraw0", 0x01)
		for range againCount {
			close(r.desk.wire("hidraw0").in)
			r.wantStatus()
			time.Sleep(againTime)
			r.wantStatus(there)
		}
		last := r.desk.wire("hidraw0")
		close(last.in)
		time.Sleep(time.Hour)
		r.wantStatus()
		r.desk.mu.Lock()
		r.desk.fault = errors.New("no /sys")
		r.desk.mu.Unlock()
		r.desk.tell()
		synctest.Wait()
		r.desk.mu.Lock()
		r.desk.fault = nil
		r.desk.mu.Unlock()
		if r.desk.wire("hidraw0") != last {
			t.Error("it was opened once more")
		}
		r.desk.plug("hidraw0", "Plain", headsettest.Plain())
		r.wantStatus(there)
		r.end()
	})
}

func TestLinkPermission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.denied["hidraw0"] = true
		r.desk.plug("hidraw0", "Jabra-like", headsettest.JabraLike())
		r.wantStatus(Status{Name: "Jabra-like", HasHook: true, HasMute: true, Trouble: TroubleAccess})
		r.desk.mu.Lock()
		r.desk.denied["hidraw0"] = false
		r.desk.mu.Unlock()
		r.desk.tell() // udev has opened it
		r.wantStatus(Status{Name: "Jabra-like", HasHook: true, HasMute: true})
		r.end()
	})
}

// TestLinkTellsDisagreement: the boom goes up and the phone does not follow.
func TestLinkTellsDisagreement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Poly-like", headsettest.PolyLike())
		r.update(Phone{Call: true})
		r.send("hidraw0", 8, 0x30)
		r.wantCommands(Mute)
		r.wantStatus(Status{Name: "Poly-like", HasHook: true, HasMute: true, Muted: true})
		time.Sleep(graceTime)
		r.wantStatus(Status{Name: "Poly-like", HasHook: true, HasMute: true, Muted: true, Trouble: TroubleMuted})
		r.update(Phone{Call: true, Muted: true})
		r.wantStatus(Status{Name: "Poly-like", HasHook: true, HasMute: true, Muted: true})
		r.end()
	})
}

// TestLinkOneHeadsetTwoInterfaces: both tell the press; it is one.
func TestLinkOneHeadsetTwoInterfaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "A", headsettest.JabraLike())
		r.desk.plug("hidraw1", "A", headsettest.JabraLike())
		r.update(Phone{Call: true})
		time.Sleep(3 * time.Second)
		r.send("hidraw0", 2, 0x05, 0)
		r.send("hidraw1", 2, 0x05, 0)
		r.wantCommands(Mute)
		time.Sleep(3 * time.Second)
		r.send("hidraw1", 2, 0x01, 0)
		r.send("hidraw1", 2, 0x05, 0)
		r.wantCommands(Mute)
		r.end()
	})
}

// TestLinkStuck: a device that takes no writes holds up neither the phone nor
// the end.
func TestLinkStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Stuck", headsettest.Plain())
		synctest.Wait()
		w := r.desk.wire("hidraw0")
		w.mu.Lock()
		w.stuck = make(chan struct{})
		w.mu.Unlock()
		for i := range 100 {
			r.update(Phone{Call: true, Muted: i%2 == 0})
		}
		r.send("hidraw0", 0x03)
		began := time.Now()
		r.end()
		if took := time.Since(began); took > closeTime {
			t.Errorf("the end took %v", took)
		}
		close(w.stuck)
	})
}

func TestLinkLightsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Broken", headsettest.Plain())
		synctest.Wait()
		w := r.desk.wire("hidraw0")
		w.mu.Lock()
		w.fault = errors.New("broken pipe")
		w.mu.Unlock()
		r.update(Phone{Call: true})
		w.mu.Lock()
		w.fault = nil
		w.mu.Unlock()
		r.wantWritten("hidraw0")
		time.Sleep(settleTime)
		r.wantWritten("hidraw0", "0001")
		r.end()
	})
}

// TestLinkNonsense: what makes no sense is left alone.
func TestLinkNonsense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Broken", []byte{0xa1, 0x01})
		r.desk.plug("hidraw1", "Odd", headsettest.JabraLike())
		r.update(Phone{Call: true})
		r.send("hidraw1")
		r.send("hidraw1", 2)
		r.send("hidraw1", 99, 1, 2, 3)
		r.wantCommands()
		r.wantStatus(Status{Name: "Odd", HasHook: true, HasMute: true})
		r.end()
	})
}

// TestLinkNobodyTakesCommands: they are dropped, and nothing waits for them.
func TestLinkNobodyTakesCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.desk.plug("hidraw0", "Plain", headsettest.Plain())
		for range 20 {
			r.update(Phone{Call: true})
			time.Sleep(2 * time.Second)
			r.send("hidraw0", 1)
			r.send("hidraw0", 0)
			r.update(Phone{})
		}
		r.end()
		if n := len(r.link.Commands()); n != cap(r.link.commands) {
			t.Errorf("%d commands wait", n)
		}
	})
}
