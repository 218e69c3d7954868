package main

import (
	"reflect"
	"testing"

	"nxphone/audio/device"
	"nxphone/call/profile"
	"nxphone/ui/present"
)

func TestDevicesAreTold(t *testing.T) {
	d := newDevices()
	for range 20 {
		d.told(device.Event{Direction: device.Speaker})
	}
	d.told(device.Event{Direction: device.Microphone, Device: device.Info{Name: "Jabra"}, Missing: "Poly"})
	var last present.Sound
	for len(d) > 0 {
		last = <-d
	}
	if want := (present.Sound{Device: "Jabra", Instead: true}); last != want {
		t.Errorf("%+v, want %+v", last, want)
	}
}

func TestChoice(t *testing.T) {
	s := profile.Default()
	if got, want := choice(s, true), (device.Choice{StandIn: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("nothing set: %+v", got)
	}
	s.Microphone, s.Speaker, s.Ringer = "Desk", "null", "Monitor"
	s.HeadsetProfiles = []profile.HeadsetProfile{
		{Name: "one", Microphone: "Jabra", Speaker: "Jabra"},
		{Name: "two", Microphone: "default", Speaker: "Poly", Ringer: "Poly"},
		{Name: "three", Speaker: "null"},
	}
	want := device.Choice{Microphone: "Desk", Speaker: "null", Microphones: []string{"Jabra"}, Speakers: []string{"Jabra", "Poly"}}
	if got := choice(s, false); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := ringer(s), []string{"Poly", "Monitor", "default"}; !reflect.DeepEqual(got, want) {
		t.Errorf("rings on %q, want %q", got, want)
	}
}
