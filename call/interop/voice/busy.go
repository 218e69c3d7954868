package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/audio/process"
	"nxphone/call"
	"nxphone/call/peer"
	"nxphone/call/sipua"
)

// The words that make this program another one for a part of the bench.
const (
	// busyPhone is a phone in whose process others work hard.
	busyPhone = "busy-phone"
	// busyWork works hard and does nothing else.
	busyWork = "busy-work"
)

// account is what a busy phone tells of its call, in the data of an event of this
// name.
type account struct {
	// Collections is how often its garbage was collected.
	Collections uint32 `json:"collections"`
	// Underruns are what the speaker played for want of sound, Overruns what was
	// lost of the microphone's, Concealed what was made up of the network's, in
	// milliseconds.
	Underruns float64 `json:"underruns_ms"`
	Overruns  float64 `json:"overruns_ms"`
	Concealed float64 `json:"concealed_ms"`
}

const accountEvent = "Account"

func tellBusy(st call.Stats, d *device.Duplex) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	a := account{Collections: m.NumGC, Concealed: float64(st.Concealed) / 48}
	if d != nil {
		s := d.Stats()
		a.Underruns, a.Overruns = float64(s.Speaker.Underruns)/48, float64(s.Microphone.Overruns)/48
	}
	text, err := json.Marshal(a)
	if err == nil {
		fmt.Printf(`{"type":%q,"data":%s}`+"\n", accountEvent, text)
	}
}

// The work beside the phone: goroutines that never rest. Some of them make garbage
// as fast as they can, the others compute.
const (
	busyGoroutines = 4
	wasters        = 2
)

// runBusy is the program under one of these names.
func runBusy(name string, args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var work sync.WaitGroup
	defer work.Wait()
	defer stop() // ends the work first
	if name == busyWork {
		busy(ctx, &work, busyGoroutines, 0)
		<-ctx.Done()
		return nil
	}
	var url, realm, ca, number string
	fs := flag.NewFlagSet(name, flag.ExitOnError)
	fs.StringVar(&url, "url", "", "of the SBC")
	fs.StringVar(&realm, "realm", "", "of the SBC")
	fs.StringVar(&ca, "ca", "", "file of the SBC's authority")
	fs.StringVar(&number, "number", "", "to call")
	if err := fs.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(max(8, 4*runtime.NumCPU())) // as the phone does
	busy(ctx, &work, busyGoroutines-wasters, wasters)
	return busyCall(ctx, text, call.Request{Realm: realm, DN: "1000", Tel: number, URL: url})
}

// busy starts goroutines that end with ctx.
func busy(ctx context.Context, work *sync.WaitGroup, computing, wasting int) {
	for i := range computing {
		work.Go(func() {
			x := float64(i)
			for ctx.Err() == nil {
				for range 100000 {
					x = math.Sin(x) + 1
				}
			}
		})
	}
	for range wasting {
		work.Go(func() {
			kept := make([]*waste, 1<<14) // 32 MB that live, so that a collection has work to do
			for n := 0; ctx.Err() == nil; n++ {
				kept[n%len(kept)] = &waste{before: kept[(n+1)%len(kept)].cut()}
			}
		})
	}
}

// waste is a piece of garbage that a collector has to look at.
type waste struct {
	before *waste
	_      [2040]byte
}

// cut lets go of what is older, and gives w.
func (w *waste) cut() *waste {
	if w != nil {
		w.before = nil
	}
	return w
}

// busyCall makes one call with the engine, the sound card and the processing of
// the phone, and stays in it until ctx ends or the far end hangs up.
func busyCall(ctx context.Context, ca []byte, r call.Request) (err error) {
	host, err := device.Open(ctx, device.Options{})
	if err != nil {
		return err
	}
	var card atomic.Pointer[device.Duplex]
	chain := process.NewChain(process.Settings{HighPass: true, Echo: true, Noise: true, Gain: true, Limit: true, Ceiling: protectCeiling})
	agent := sipua.New(sipua.Options{Settings: func(call.Request) sipua.Settings { return sipua.Settings{RootCAs: ca} }})
	media := peer.New(peer.Options{
		Settings: func(call.Request) peer.Settings { return peer.Settings{IncludeLoopback: true} },
		Sound: func(ctx context.Context) (audio.Duplex, error) {
			d, err := host.OpenDuplex(ctx, device.Choice{})
			if err != nil {
				return nil, err
			}
			card.Store(d)
			return chain.Wrap(d), nil
		},
	})
	phone := call.New(call.Options{Signaling: agent, Media: media})
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	go phone.Run(run)
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
		defer cancel()
		stop()
		<-phone.Done()
		err = errors.Join(err, media.Close(last))
		agent.Close(last)
		err = errors.Join(err, host.Close())
	}()
	events := phone.Watch(run)
	if _, err := phone.Dial(ctx, r); err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		_ = phone.Hangup(run) // a call that is over needs none
	}()
	for snapshot, cause := range events {
		switch c := cause.(type) {
		case call.Answered:
			fmt.Println(`{"type":"InCall"}`)
		case call.Ended:
			tellBusy(snapshot.Call.Stats, card.Load())
			if !c.Reason.OK() {
				return fmt.Errorf("the call ended: %s", c.Reason.Code)
			}
			return nil
		}
	}
	return errors.New("the engine ended before its call")
}
