package device

import (
	"slices"
	"strings"
)

// Names that a choice may hold beside those of devices.
const (
	// Default is the system's default device; an empty choice means the same.
	Default = "default"
	// Null opens no device: silence comes in, and what goes out is dropped,
	// both in real time.
	Null = "null"
)

// Choice names the devices of one call. Each is "" or Default, Null, or a
// device by its ID, its exact name, or a part of its name that fits no other.
type Choice struct {
	Microphone string
	Speaker    string
	// Microphones and Speakers are preferred to the ones above, the first of
	// each list most, as long as they are there: a headset that is plugged in
	// during the call takes over.
	Microphones, Speakers []string
	// StandIn lets the system's default stand in for a named device that is
	// not there when the call begins, until it comes. Without it the opening
	// fails. (One that goes during a call is always stood in for.)
	StandIn bool
}

// wants is a direction's choice as a list, the most wanted first.
func (c Choice) wants(dir Direction) []string {
	first, last := c.Microphones, c.Microphone
	if dir == Speaker {
		first, last = c.Speakers, c.Speaker
	}
	all := append(slices.Clone(first), last)
	if c.StandIn && last != Null && !isDefault(last) {
		all = append(all, Default)
	}
	return all
}

// chooseFirst is choose for a list; rank is the place of what was found. What is
// not there is passed over; the last one's error counts.
func chooseFirst(all []Info, wants []string) (info Info, rank int, err error) {
	for rank, want := range wants {
		if info, err = choose(all, want); err == nil {
			return info, rank, nil
		}
	}
	return Info{}, 0, err
}

// isDefault reports whether want leaves the choice to the system.
func isDefault(want string) bool { return want == "" || want == Default }

// offered leaves out what nobody would choose: monitors, unless there is
// nothing else or the system itself names one the default.
func offered(all []Info) []Info {
	real := 0
	for _, d := range all {
		if !d.Monitor {
			real++
		}
	}
	out := make([]Info, 0, len(all))
	for _, d := range all {
		if !d.Monitor || d.Default || real == 0 {
			out = append(out, d)
		}
	}
	return out
}

// choose finds the device that want means, in the order in which a person
// would be surprised least: the default, the exact ID, the exact name, then a
// part of a name, first among what is offered and then among the rest.
// The errors are ErrNoDevice and ErrNotFound.
func choose(all []Info, want string) (Info, error) {
	if len(all) == 0 {
		return Info{}, ErrNoDevice
	}
	if isDefault(want) {
		return chooseDefault(offered(all)), nil
	}
	for _, d := range all {
		if d.ID == want {
			return d, nil
		}
	}
	exact := func(d Info) bool { return d.Name == want }
	part := func(d Info) bool { return containsFold(d.Name, want) || containsFold(d.ID, want) }
	matches := 0
	for _, fits := range []func(Info) bool{exact, part} {
		for _, list := range [][]Info{offered(all), all} {
			found, n := only(list, fits)
			if n == 1 {
				return found, nil
			}
			matches = max(matches, n)
		}
	}
	return Info{}, ErrNotFound{Name: want, Matches: matches}
}

// chooseDefault prefers what the system marks; some mark none.
func chooseDefault(list []Info) Info {
	for _, d := range list {
		if d.Default {
			return d
		}
	}
	return list[0]
}

// only gives the last device that fits, and how many do.
func only(list []Info, fits func(Info) bool) (found Info, n int) {
	for _, d := range list {
		if fits(d) {
			found, n = d, n+1
		}
	}
	return found, n
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
