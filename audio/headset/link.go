package headset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// closeTime bounds the end of Run. A write that the kernel holds up longer
	// is left behind with its goroutine; it ends by itself (a USB transfer is
	// given up after five seconds).
	closeTime = time.Second
	// againTime is after what a device that broke off is opened once more, and
	// againCount how often in a row: after a sleep of the computer some come
	// back as if they had never been gone.
	againTime  = time.Second
	againCount = 5
	// pollTime is how often devices are looked for where nothing tells of them.
	pollTime = 3 * time.Second
)

// Options configure a Link.
type Options struct {
	// Logger takes what happens to headsets, nil for none.
	Logger *slog.Logger
	// Root is where /sys and /dev are looked for, "/" where empty. Tests have
	// theirs.
	Root string

	system system // tests bring their own
}

// system is the way to the devices.
type system interface {
	// list gives the devices that are there, by their names in /dev.
	list() (map[string]node, error)
	// open opens one. Its Read gives one report a time, its Write takes one.
	open(name string) (device, error)
	// changes tells, until ctx ends, that list or open may give something else
	// now. A nil channel: nobody tells. What it starts is added to wg.
	changes(ctx context.Context, wg *sync.WaitGroup) <-chan struct{}
}

// device is an open one.
type device interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	// Close makes a Read that waits return.
	Close() error
}

// node is what is known of a device before it is opened.
type node struct {
	// id changes when another device has taken the name.
	id         string
	label      string
	descriptor []byte
}

// Link connects the phone to every headset that is plugged in. Run owns it; the
// other methods may be called from any goroutine, at any time, and never wait.
type Link struct {
	log      *slog.Logger
	system   system
	commands chan Command
	poke     chan struct{} // the phone has changed; one slot

	mu      sync.Mutex
	phone   Phone
	status  []Status
	changed chan struct{} // closed by the next change of status

	// Below: only Run's goroutine.
	heads  map[string]*head
	events chan event
	wg     sync.WaitGroup
	timer  *time.Timer
	last   lastMute
}

// lastMute is the last mute command, and whose.
type lastMute struct {
	head *head
	at   time.Time
}

// New makes a Link that does nothing until Run.
func New(o Options) *Link {
	l := &Link{
		log: o.Logger, system: o.system,
		commands: make(chan Command, 8), poke: make(chan struct{}, 1),
		changed: make(chan struct{}), heads: map[string]*head{}, events: make(chan event),
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.system == nil {
		l.system = newSystem(o)
	}
	return l
}

// Commands gives what the buttons ask for, until Run returns. What nobody takes
// is dropped: a button that comes late is worse than one that does nothing.
func (l *Link) Commands() <-chan Command { return l.commands }

// Update says what the phone does. The newest counts.
func (l *Link) Update(p Phone) {
	l.mu.Lock()
	same := l.phone == p
	l.phone = p
	l.mu.Unlock()
	if same {
		return // most changes of a phone are no headset's business
	}
	select {
	case l.poke <- struct{}{}:
	default:
	}
}

// Watch gives the headsets that are plugged in, by name, then again after each
// change, the newest only, until ctx ends.
func (l *Link) Watch(ctx context.Context) iter.Seq[[]Status] {
	return func(yield func([]Status) bool) {
		for {
			l.mu.Lock()
			status, changed := l.status, l.changed
			l.mu.Unlock()
			if !yield(slices.Clone(status)) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Run finds headsets and follows them until ctx ends. It returns
// [ErrUnsupported] at once where this system's devices cannot be reached, else
// nil, with the lights off and everything closed. It is called once.
func (l *Link) Run(ctx context.Context) (err error) {
	defer close(l.commands)
	defer func() {
		// Whatever a device makes of us, the call beside it goes on.
		if r := recover(); r != nil {
			err = fmt.Errorf("headset: %v", r)
			l.log.Error("headset buttons have stopped", "error", err)
		}
	}()
	if l.system == nil {
		return ErrUnsupported
	}
	ctx, cancel := context.WithCancel(ctx)
	defer l.shut()
	defer cancel()
	var poll <-chan time.Time
	changes := l.system.changes(ctx, &l.wg)
	if changes == nil {
		t := time.NewTicker(pollTime)
		defer t.Stop()
		poll = t.C
	}
	l.timer = time.NewTimer(time.Hour)
	defer l.timer.Stop()
	l.scan()
	for {
		l.publish()
		l.arm()
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
			l.scan()
		case <-poll:
			l.scan()
		case <-l.poke:
			l.each(func(h *head, now time.Time) output { return h.machine.update(now, l.now()) })
		case <-l.timer.C:
			l.each(func(h *head, now time.Time) output { return h.machine.tick(now) })
			l.scan()
		case e := <-l.events:
			l.take(e)
		}
	}
}

// now is the phone as it was told last.
func (l *Link) now() Phone {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.phone
}

// each has every open headset's machine do something.
func (l *Link) each(f func(h *head, now time.Time) output) {
	for _, name := range slices.Sorted(maps.Keys(l.heads)) {
		if h := l.heads[name]; h.dev != nil {
			now := time.Now()
			l.perform(h, now, f(h, now))
		}
	}
}

// take is one event of a device.
func (l *Link) take(e event) {
	h := e.head
	if l.heads[h.name] != h || h.dev == nil {
		return // it is gone already
	}
	now := time.Now()
	switch {
	case e.wrote:
		l.log.Info("the lights of a headset cannot be written", "headset", h.node.label, "error", e.err)
		l.perform(h, now, h.machine.failed(now))
	case e.err != nil:
		l.log.Info("a headset is gone", "headset", h.node.label, "error", e.err)
		l.drop(h)
		if h.losses++; h.losses > againCount {
			h.err = e.err // until it comes again as another
			return
		}
		h.next = now.Add(againTime)
	default:
		h.losses = 0
		readings, err := h.layout.decode(e.report)
		if err != nil {
			l.log.Debug("a headset's report makes no sense", "headset", h.node.label, "error", err)
			return
		}
		l.perform(h, now, h.machine.report(now, readings, h.repeats(e.report)))
	}
}

// perform carries out what a machine wants.
func (l *Link) perform(h *head, now time.Time, out output) {
	for _, c := range out.commands {
		if c != HangUp {
			// A headset with two interfaces tells each press twice.
			if l.last.head != nil && l.last.head != h && now.Sub(l.last.at) < bounceTime {
				continue
			}
			l.last = lastMute{h, now}
		}
		select {
		case l.commands <- c:
		default:
			l.log.Info("a headset's button is dropped: the phone is busy with those before", "command", c)
		}
	}
	for _, lights := range out.lights {
		for _, report := range h.layout.encode(lights) {
			select {
			case h.writes <- report:
			default:
				out.next = earlier(out.next, h.machine.failed(now).next)
			}
		}
	}
	h.next = out.next
}

// arm sets the clock to whoever wants to be looked at first.
func (l *Link) arm() {
	var next time.Time
	for _, h := range l.heads {
		next = earlier(next, h.next)
	}
	l.timer.Stop()
	if !next.IsZero() {
		l.timer.Reset(max(0, time.Until(next)))
	}
}

// earlier is the first of two moments; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// scan brings the heads to what is plugged in.
func (l *Link) scan() {
	nodes, err := l.system.list()
	if err != nil {
		l.log.Info("headsets cannot be looked for", "error", err)
		for _, h := range l.heads {
			if h.dev == nil {
				h.next = time.Time{} // the next change brings it
			}
		}
		return
	}
	for name, h := range l.heads {
		if n, ok := nodes[name]; !ok || n.id != h.node.id {
			l.drop(h)
			delete(l.heads, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		h := l.heads[name]
		if h == nil {
			h = newHead(name, nodes[name])
			l.heads[name] = h
			if h.err != nil && !errors.Is(h.err, ErrNoTelephony) {
				l.log.Info("a device cannot be understood", "device", h.node.label, "error", h.err)
			}
		}
		if h.err == nil && h.dev == nil && !time.Now().Before(h.next) {
			l.open(h)
		}
	}
}

// shut puts the lights out and waits for everything to be closed.
func (l *Link) shut() {
	for _, h := range l.heads {
		if h.dev == nil {
			continue
		}
		now := time.Now()
		for _, lights := range h.machine.update(now, Phone{}).lights {
			for _, report := range h.layout.encode(lights) {
				select {
				case h.writes <- report:
				default: // it takes nothing any more
				}
			}
		}
		l.drop(h)
	}
	l.heads = nil
	l.publish()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.wg.Wait()
	}()
	limit := time.NewTimer(closeTime)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		l.log.Info("a headset does not let itself be closed; it is left behind")
	}
}

// publish tells watchers, where something has changed.
func (l *Link) publish() {
	var list []Status
	now := time.Now()
	for _, name := range slices.Sorted(maps.Keys(l.heads)) {
		h := l.heads[name]
		if h.dev == nil && !h.denied {
			continue
		}
		s := Status{Name: h.node.label, HasHook: h.layout.has[controlHook], HasMute: h.layout.has[controlMute], Trouble: TroubleAccess}
		if h.dev != nil {
			s.Muted, s.Trouble = h.machine.muted(), h.machine.trouble(now)
		}
		list = append(list, s)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Equal(list, l.status) {
		return
	}
	l.status = list
	close(l.changed)
	l.changed = make(chan struct{})
}
