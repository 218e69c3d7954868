package headset

import (
	"bytes"
	"errors"
	"time"
)

// head is one device that was found, whether it is a headset or not.
type head struct {
	name    string
	node    node
	layout  layout
	err     error // why it is no headset, or none any more
	machine *machine
	next    time.Time // when it wants to be looked at, zero for never
	losses  int       // times in a row that it broke off

	dev    device // nil while it could not be opened
	denied bool
	writes chan []byte
	quit   chan struct{}
	seen   map[uint8][]byte // the last report of each ID
}

// event is what a device's goroutines tell.
type event struct {
	head   *head
	report []byte
	err    error
	wrote  bool // err is a write's
}

func newHead(name string, n node) *head {
	h := &head{name: name, node: n}
	d, err := parseDescriptor(n.descriptor)
	if err == nil {
		h.layout, err = newLayout(d)
	}
	h.err = err
	return h
}

// repeats reports whether a report is the same as the one before with its ID.
func (h *head) repeats(report []byte) bool {
	var id uint8
	if h.layout.numbered {
		id = report[0]
	}
	same := bytes.Equal(h.seen[id], report)
	h.seen[id] = report
	return same
}

// open opens a headset and tells it what the phone does.
func (l *Link) open(h *head) {
	h.next = time.Time{}
	dev, err := l.system.open(h.name)
	if err != nil {
		denied := errors.Is(err, errDenied)
		if denied != h.denied {
			l.log.Info("a headset cannot be opened", "headset", h.node.label, "error", err)
		}
		h.denied = denied
		return
	}
	l.log.Info("a headset is there", "headset", h.node.label, "controls", h.layout.String())
	h.dev, h.denied, h.machine = dev, false, newMachine(h.layout)
	h.writes, h.quit, h.seen = make(chan []byte, 16), make(chan struct{}), map[uint8][]byte{}
	reading := make(chan struct{})
	l.wg.Go(func() {
		defer close(reading)
		l.read(h, dev)
	})
	l.wg.Go(func() {
		l.write(h, dev)
		// Closing makes the reader return. It stands here because the kernel
		// lets it wait for a write that is under way.
		_ = dev.Close()
		<-reading
	})
	now := time.Now()
	l.perform(h, now, h.machine.update(now, l.now()))
}

// read hands over reports until the device is closed or gone.
func (l *Link) read(h *head, dev device) {
	buf := make([]byte, maxReportBits/8+1)
	for {
		n, err := dev.Read(buf)
		e := event{head: h, report: bytes.Clone(buf[:n]), err: err}
		select {
		case l.events <- e:
		case <-h.quit:
			return
		}
		if err != nil {
			return
		}
	}
}

// write sends reports until there will be no more.
func (l *Link) write(h *head, dev device) {
	for report := range h.writes {
		if _, err := dev.Write(report); err != nil {
			select {
			case l.events <- event{head: h, err: err, wrote: true}:
			case <-h.quit:
			}
		}
	}
}

// drop lets go of a headset; its goroutines end by themselves.
func (l *Link) drop(h *head) {
	if h.dev == nil {
		return
	}
	close(h.quit)
	close(h.writes)
	h.dev, h.machine, h.next = nil, nil, time.Time{}
}
