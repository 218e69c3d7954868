package webapi

import (
	"bytes"
	"sync"
)

// outbox is what waits to be written on one connection. Whoever puts something
// in never waits: an outbox that is full says so, and its connection is
// dropped.
type outbox struct {
	ready chan struct{} // one token while there is something to take

	mu      sync.Mutex
	items   []item
	quality []byte // the newest only
	closed  bool
	code    int // the close code, 0 for none
}

// item is a message, or an event that may share a message with its
// neighbours.
type item struct {
	event bool
	text  []byte
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

func (o *outbox) poke() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// put queues an item. False: the outbox is full. One that is closed takes
// everything and forgets it.
func (o *outbox) put(it item) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return true
	case len(o.items) >= maxQueued:
		return false
	}
	o.items = append(o.items, it)
	o.poke()
	return true
}

// putQuality takes the place of the last one that was not written yet.
func (o *outbox) putQuality(text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.quality = text
		o.poke()
	}
}

// close ends the outbox. What waits is still written when the phone goes
// (closeGoing: the Clear of the last call may be among it); every other reason
// makes it void. The first code counts.
func (o *outbox) close(code int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.closed, o.code = true, code
	if code != closeGoing {
		o.items, o.quality = nil, nil
	}
	o.poke()
}

// take gives all that waits, as messages to be written in this order.
func (o *outbox) take() (messages [][]byte, code int, closed bool) {
	o.mu.Lock()
	items, quality := o.items, o.quality
	o.items, o.quality = nil, nil
	code, closed = o.code, o.closed
	o.mu.Unlock()
	messages = compose(items)
	if quality != nil {
		messages = append(messages, quality)
	}
	return messages, code, closed
}

// compose makes messages of items: neighbouring events share one.
func compose(items []item) [][]byte {
	var messages [][]byte
	for i := 0; i < len(items); {
		if !items[i].event {
			messages = append(messages, items[i].text)
			i++
			continue
		}
		end := i
		for end < len(items) && items[end].event && end-i < maxBatch {
			end++
		}
		messages = append(messages, eventsMessage(items[i:end]))
		i = end
	}
	return messages
}

func eventsMessage(events []item) []byte {
	size := 32
	for _, e := range events {
		size += len(e.text) + 1
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	b.WriteString(`{"type":"events","list":[`)
	for i, e := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(e.text)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}
