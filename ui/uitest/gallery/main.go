// Gallery shows one state of the window on a real display, with a phone made of
// memory. It is for looking: no call is placed.
//
//	go run -tags migrated_fynedo ./ui/uitest/gallery -state muted -lang en -theme dark
//
// Without -state the phone walks through a call by itself when one is dialled.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

func main() {
	state := flag.String("state", "", fmt.Sprint("one of ", uitest.States()))
	language := flag.String("lang", "", "ko or en")
	theme := flag.String("theme", "", "light or dark")
	number := flag.String("number", "", "the number to begin with")
	demo := flag.Bool("demo", false, "as on the demo SBC")
	web := flag.String("web", "", fmt.Sprint("one of ", pages()))
	handed := flag.String("handed", "", "a number that a link hands over after a second")
	blank := flag.Bool("blank", false, "as before the first set-up")
	size := flag.String("size", "phone", "full, phone or compact")
	busy := flag.Bool("busy", false, "with meters, speed dials, a masked number and a notice")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	phone := uitest.NewPhone()
	if *state != "" {
		snap, ok := uitest.State(*state, time.Now())
		if !ok {
			fmt.Fprintln(os.Stderr, "gallery: no such state; there are", uitest.States())
			os.Exit(2)
		}
		phone.Push(snap)
	} else {
		go walk(ctx, phone)
	}
	values := ui.Values{Realm: "example.net", DN: "1000", URL: "wss://sbc.example.net:6081"}
	if *blank {
		values = ui.Values{}
	}
	values.WebAPI = *web != ""
	values.Origins = []string{"https://helpline.example"}
	values.Theme = look.Brightness(*theme)
	values.WindowSize = *size
	if *busy {
		values.Meters, values.NoticeFile, values.MaskNumbers, values.PresentedNumber = true, "notice.wav", "last-4", "15880000"
		values.SpeedDials = []present.SpeedDial{{Name: "119", Tel: "119"}, {Name: "109", Tel: "109"}}
	}
	opts := ui.Options{
		Phone: phone, Settings: &settings{values: values}, Devices: devices,
		Lang: text.Lang(*language), Number: *number, Version: "gallery",
	}
	if *busy {
		opts.Shift, opts.Levels = &uitest.Shift{}, voices
	}
	if *web != "" {
		opts.Web = webAPI(*web)
	}
	if *handed != "" {
		opts.Handed = hand(ctx, *handed)
	}
	if *demo {
		opts.Demo = &ui.Demo{Numbers: []string{"600", "601", "602", "603", "604", "605", "606", "607"}}
	}
	if err := ui.Run(ctx, opts); err != nil {
		title, help := ui.Explain(err, text.For(opts.Lang))
		fmt.Fprintln(os.Stderr, title, help)
		os.Exit(1)
	}
}

// voices are two people who talk in turn.
func voices() call.Levels {
	now := time.Now()
	loud := -40 + 24*math.Sin(float64(now.UnixMilli()%900)/900*2*math.Pi)
	if now.Second()%10 < 5 {
		return call.Levels{Mic: loud, Sent: loud, Far: -70}
	}
	return call.Levels{Mic: -65, Sent: -65, Far: loud}
}

// pages names what -web knows.
func pages() []string {
	return []string{"none", "question", "plain", "code", "page", "pages", "control"}
}

// webAPI is a web API that shows one thing, and keeps what it is told.
func webAPI(name string) *uitest.Web {
	const page = "https://helpline.example"
	w := uitest.NewWeb()
	until := time.Now().Add(30 * time.Second)
	switch name {
	case "question":
		w.Push(present.Web{Question: &present.WebQuestion{ID: 1, Origin: page, Until: until}})
	case "plain":
		w.Push(present.Web{Question: &present.WebQuestion{ID: 1, Origin: "http://helpline.example", Plain: true, Until: until}})
	case "code":
		w.Push(present.Web{Code: &present.WebCode{Origin: page, Code: "042917"}})
	case "page":
		w.Push(present.Web{Connected: []string{page}})
	case "pages":
		w.Push(present.Web{Connected: []string{page, "https://desk.example:8443", "local:dialer"}})
	case "control":
		w.Push(present.Web{Controller: page, Connected: []string{page, "local:dialer"}})
	}
	return w
}

func hand(ctx context.Context, number string) <-chan string {
	c := make(chan string)
	go func() {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
		select {
		case c <- number:
		case <-ctx.Done():
		}
	}()
	return c
}

// walk answers a dialled call after a while and ends it when asked.
func walk(ctx context.Context, phone *uitest.Phone) {
	seen := 0
	for {
		var last string
		err := phone.Wait(ctx, func(c []string) bool {
			if len(c) > seen {
				last = c[seen]
				seen++
				return true
			}
			return false
		})
		if err != nil {
			return
		}
		push := func(state string) {
			snap, _ := uitest.State(state, time.Now())
			phone.Push(snap)
		}
		switch {
		case last == "hangup":
			push("ended")
		case last == "mute true":
			push("muted")
		case last == "mute false", len(last) > 4 && last[:4] == "dtmf":
			push("incall")
		default:
			for _, s := range []string{"connecting", "trying", "ringing", "incall"} {
				push(s)
				time.Sleep(time.Second)
			}
		}
	}
}

// settings keeps everything in memory.
type settings struct {
	values   ui.Values
	password string
}

func (s *settings) Values() ui.Values { return s.values }

func (s *settings) Save(_ context.Context, changes map[string]string) error {
	s.values = s.values.With(changes)
	return nil
}

func (s *settings) Check(string, string) bool { return true }

func (s *settings) Export() ([]byte, error) { return []byte("{}\n"), nil }

func (s *settings) Import([]byte) (present.Import, error) { return present.Import{}, nil }

func (s *settings) HasPassword(context.Context, ui.Values) (bool, error) {
	return s.password != "", nil
}

func (s *settings) SetPassword(_ context.Context, _ ui.Values, password string) error {
	s.password = password
	return nil
}

func devices(context.Context) (microphones, speakers []ui.Device, err error) {
	return []ui.Device{
			{ID: "usb", Name: "USB Headset Mono", Default: true},
			{ID: "pci", Name: "Built-in Audio Analog Stereo"},
		}, []ui.Device{
			{ID: "usb", Name: "USB Headset Mono", Default: true},
			{ID: "pci", Name: "Built-in Audio Analog Stereo"},
		}, nil
}
