package transport

import (
	"errors"
	"fmt"

	"nxphone/call/peer/sdp"
)

// Restart looks for a new path to the same peer: an ICE restart (RFC 8445
// section 9), for a peer that has changed its ICE credentials and kept its
// certificate. The DTLS association, and so the encryption, goes on (RFC 8842
// section 4 wants a new one only for a new certificate or role). Params has new
// credentials afterwards, and candidates as they are found; the channel is
// closed when all are.
func (t *Transport) Restart() (gathered <-chan struct{}, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, ErrClosed
	}
	if !t.opened.Load() {
		return nil, errors.New("transport: nothing to restart yet")
	}
	done := make(chan struct{})
	t.onGathered(done)
	if err := t.agent.Restart("", ""); err != nil {
		return nil, fmt.Errorf("transport: restart: %w", err)
	}
	if err := t.agent.GatherCandidates(); err != nil {
		return nil, fmt.Errorf("transport: restart: %w", err)
	}
	return done, nil
}

// Resume gives the peer's side of a Restart.
func (t *Transport) Resume(r sdp.Remote) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	if err := t.agent.SetRemoteCredentials(r.Ufrag, r.Pwd); err != nil {
		return fmt.Errorf("transport: restart: %w", err)
	}
	t.addCandidates(r)
	return nil
}
