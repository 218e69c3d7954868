package main

import (
	"nxphone/audio/device"
	"nxphone/call/profile"
	"nxphone/ui/present"
)

// devices passes on to the window which devices are in use.
type devices chan present.Sound

func newDevices() devices { return make(devices, 8) }

// told is device.Options.Told. Where nobody takes the news the oldest is lost.
func (d devices) told(e device.Event) {
	s := present.Sound{Speaker: e.Direction == device.Speaker, Device: e.Device.Name, Instead: e.Missing != ""}
	for {
		select {
		case d <- s:
			return
		default:
		}
		select {
		case <-d:
		default:
		}
	}
}

// choice is which devices a call uses: those of the headsets that the settings
// know by name, as long as one is plugged in, before the ones that are set.
// Where somebody sits at a window, a device that is not there must not keep a
// call from being made.
func choice(s profile.Settings, standIn bool) device.Choice {
	return device.Choice{
		Microphone: s.Microphone, Speaker: s.Speaker, StandIn: standIn,
		Microphones: ofHeadsets(s, func(h profile.HeadsetProfile) string { return h.Microphone }),
		Speakers:    ofHeadsets(s, func(h profile.HeadsetProfile) string { return h.Speaker }),
	}
}

// choice is the phone's as its settings are now. A device that the command line
// or a policy names is not to be outdone by a headset that happens to be there.
func (ph *phone) choice() device.Choice {
	c := choice(ph.store.Get(), ph.standIn)
	if ph.store.Value(profile.KeyMicrophone).Locked() {
		c.Microphones = nil
	}
	if ph.store.Value(profile.KeySpeaker).Locked() {
		c.Speakers = nil
	}
	return c
}

// ringer is where what is not part of a call sounds, the most wanted first.
func ringer(s profile.Settings) []string {
	all := ofHeadsets(s, func(h profile.HeadsetProfile) string { return h.Ringer })
	if s.Ringer != "" {
		all = append(all, s.Ringer)
	}
	return append(all, device.Default)
}

// ofHeadsets is one role's device of each headset, in the order of the settings.
// What a headset leaves to the system, and no device at all, are no reason to
// change.
func ofHeadsets(s profile.Settings, role func(profile.HeadsetProfile) string) []string {
	var all []string
	for _, h := range s.HeadsetProfiles {
		switch d := role(h); d {
		case "", profile.DefaultDevice, profile.NullDevice:
		default:
			all = append(all, d)
		}
	}
	return all
}
