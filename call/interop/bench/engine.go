package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/call"
	"nxphone/call/peer"
	"nxphone/call/profile"
	"nxphone/call/sipua"
)

// answerTime bounds a measured call from Dial to sound, and its end.
const answerTime = 15 * time.Second

// engine is the phone's engine inside this process, with the null device: the
// way to make many calls over one flow.
type engine struct {
	host  *device.Host
	agent *sipua.Agent
	media *peer.Engine
	phone *call.Engine
	stop  context.CancelFunc

	mu            sync.Mutex
	invite, frame time.Time // of the call that is up
	sounding      chan struct{}
}

func startEngine(ctx context.Context, ca []byte) (*engine, error) {
	host, err := device.Open(ctx, device.Options{})
	if err != nil {
		return nil, err
	}
	e := &engine{host: host, sounding: make(chan struct{}, 1)}
	e.agent = sipua.New(sipua.Options{
		Settings: func(call.Request) sipua.Settings { return sipua.Settings{RootCAs: ca} },
		OnSend: func(method string, at time.Time) {
			if method == "INVITE" {
				e.mark(&e.invite, at)
			}
		},
	})
	e.media = peer.New(peer.Options{
		Settings: func(call.Request) peer.Settings { return peer.Settings{IncludeLoopback: true} },
		Sound: func(ctx context.Context) (audio.Duplex, error) {
			return host.OpenDuplex(ctx, device.Choice{Microphone: profile.NullDevice, Speaker: profile.NullDevice})
		},
		OnFirstFrame: func(at time.Time) {
			e.mark(&e.frame, at)
			select {
			case e.sounding <- struct{}{}:
			default:
			}
		},
	})
	e.phone = call.New(call.Options{Signaling: e.agent, Media: e.media})
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	go e.phone.Run(run)
	return e, nil
}

func (e *engine) mark(at *time.Time, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at.IsZero() {
		*at = now
	}
}

// Close ends everything, in the order in which it depends on each other.
func (e *engine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	e.stop()
	<-e.phone.Done()
	err := e.media.Close(ctx)
	e.agent.Close(ctx)
	return errors.Join(err, e.host.Close())
}

// call makes one call, waits for sound and hangs up.
func (e *engine) call(ctx context.Context, to target) (timing, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	e.mu.Lock()
	e.invite, e.frame = time.Time{}, time.Time{}
	e.mu.Unlock()
	select {
	case <-e.sounding:
	default:
	}
	events := e.phone.Watch(ctx)
	began := time.Now()
	if _, err := e.phone.Dial(ctx, call.Request{Realm: to.Realm, DN: user, Tel: to.Number, URL: to.URL}); err != nil {
		return timing{}, err
	}
	var answered time.Time
	for _, cause := range events {
		switch c := cause.(type) {
		case call.Answered:
			answered = time.Now()
			if err := e.hangUpAfterSound(ctx); err != nil {
				return timing{}, err
			}
		case call.Ended:
			if answered.IsZero() {
				return timing{}, fmt.Errorf("the call was not answered: %s", c.Reason.Code)
			}
			return e.timing(began, answered), nil
		}
	}
	return timing{}, fmt.Errorf("the call did not end: %w", context.Cause(ctx))
}

func (e *engine) hangUpAfterSound(ctx context.Context) error {
	select {
	case <-e.sounding:
		return e.phone.Hangup(ctx)
	case <-ctx.Done():
		return fmt.Errorf("no sound: %w", context.Cause(ctx))
	}
}

func (e *engine) timing(began, answered time.Time) timing {
	e.mu.Lock()
	defer e.mu.Unlock()
	since := func(at, from time.Time) float64 { return float64(at.Sub(from).Microseconds()) / 1000 }
	// What has sounded before the answer was there at the answer.
	return timing{since(e.invite, began), since(answered, began), math.Max(0, since(e.frame, answered))}
}

// engineCalls makes n calls: each with an engine, and so a flow, of its own,
// or all over one flow, whose first call does not count.
func engineCalls(ctx context.Context, to target, n int, warm bool) (calls []timing, err error) {
	var e *engine
	shut := func() {
		if e != nil {
			err = errors.Join(err, e.Close())
			e = nil
		}
	}
	defer shut()
	for i := range n + 1 {
		if e == nil {
			if e, err = startEngine(ctx, to.CAText); err != nil {
				return nil, err
			}
		}
		t, err := e.call(ctx, to)
		if err != nil {
			return nil, err
		}
		if !warm {
			shut()
		}
		if i > 0 {
			calls = append(calls, t)
		}
	}
	return calls, nil
}
