package device

import (
	"errors"
	"testing"
)

func TestChoose(t *testing.T) {
	jabra := Info{ID: "usb-jabra", Name: "Jabra Evolve 40"}
	poly := Info{ID: "usb-poly", Name: "Poly Blackwire", Default: true}
	twinA := Info{ID: "usb-twin-a", Name: "Twin"}
	twinB := Info{ID: "usb-twin-b", Name: "Twin"}
	mon := Info{ID: "phone.monitor", Name: "Monitor of Phone", Monitor: true}
	defMon := Info{ID: "other.monitor", Name: "Monitor of Other", Monitor: true, Default: true}
	desk := []Info{mon, jabra, poly, twinA, twinB}

	tests := []struct {
		name string
		all  []Info
		want string
		id   string
		err  error
	}{
		{name: "empty is the default", all: desk, want: "", id: "usb-poly"},
		{name: "default by name", all: desk, want: "default", id: "usb-poly"},
		{name: "no default marked", all: []Info{mon, jabra}, want: "", id: "usb-jabra"},
		{name: "default is a monitor", all: []Info{jabra, defMon}, want: "", id: "other.monitor"},
		{name: "nothing but a monitor", all: []Info{mon}, want: "", id: "phone.monitor"},
		{name: "exact ID", all: desk, want: "usb-twin-b", id: "usb-twin-b"},
		{name: "exact ID of a monitor", all: desk, want: "phone.monitor", id: "phone.monitor"},
		{name: "exact name", all: desk, want: "Poly Blackwire", id: "usb-poly"},
		{name: "exact name of a monitor", all: desk, want: "Monitor of Phone", id: "phone.monitor"},
		{name: "part of a name, other case", all: desk, want: "jabra", id: "usb-jabra"},
		{name: "part of an ID", all: desk, want: "twin-a", id: "usb-twin-a"},
		{name: "part of a monitor's name", all: desk, want: "monitor of", id: "phone.monitor"},
		{name: "a device goes before a monitor", all: append(desk, Info{ID: "p", Name: "Phone headset"}), want: "phone", id: "p"},
		{name: "two of one name", all: desk, want: "Twin", err: ErrNotFound{Name: "Twin", Matches: 2}},
		{name: "no such name", all: desk, want: "Yealink", err: ErrNotFound{Name: "Yealink"}},
		{name: "nothing there", all: nil, want: "", err: ErrNoDevice},
		{name: "nothing there, by name", all: nil, want: "Jabra", err: ErrNoDevice},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := choose(tt.all, tt.want)
			if !errors.Is(err, tt.err) || got.ID != tt.id {
				t.Errorf("choose(%q) = %q, %v; want %q, %v", tt.want, got.ID, err, tt.id, tt.err)
			}
		})
	}
}

func TestOffered(t *testing.T) {
	mic := Info{ID: "mic"}
	mon := Info{ID: "mon", Monitor: true}
	def := Info{ID: "def", Monitor: true, Default: true}
	tests := []struct {
		name string
		all  []Info
		want []string
	}{
		{"a monitor is left out", []Info{mon, mic}, []string{"mic"}},
		{"not when it is the default", []Info{mon, mic, def}, []string{"mic", "def"}},
		{"nor when there is nothing else", []Info{mon, def}, []string{"mon", "def"}},
		{"nothing there", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := offered(tt.all)
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for i, d := range got {
				if d.ID != tt.want[i] {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}
