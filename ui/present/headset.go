package present

// Headset is what the window shows of a headset with buttons and lights. The
// zero value is none.
type Headset struct {
	// Name is what its maker calls it; empty where that is not known.
	Name string
	// Present: one is plugged in, whether its buttons can be read or not.
	Present bool
	// HasMute: it has a mute button or a boom that mutes.
	HasMute bool
	// Muted: it has last said of itself that it is muted. A headset whose
	// button only says "pressed" never says so.
	Muted bool
	// Trouble is what the user has to be told, empty for nothing.
	Trouble HeadsetTrouble
	// Unsupported: this system's headsets cannot be reached yet.
	Unsupported bool
}

// HeadsetNote is what the settings say of the headset below the switch that
// lets it take part; on is the switch.
func HeadsetNote(h Headset, on bool, t Texts) string {
	switch {
	case !on:
		return ""
	case h.Unsupported:
		return t.Text("headset.unsupported")
	case h.Trouble == HeadsetAccess:
		return t.Text("headset.access.title") + ". " + t.Text("headset.access.help")
	case h.Trouble == HeadsetRestless:
		return t.Text("headset.restless.title") + ". " + t.Text("headset.restless.help")
	case !h.Present:
		return t.Text("headset.none")
	case h.Name == "":
		return t.Text("headset.nameless")
	}
	return t.Text("headset.there", "name", h.Name)
}

// HeadsetTrouble is what is wrong with a headset. The catalogue explains each
// under "headset.TROUBLE.title" and "headset.TROUBLE.help".
type HeadsetTrouble string

const (
	// HeadsetMuted: the headset says that it is muted, and the phone is not:
	// the far end hears nothing while the window says that it does.
	HeadsetMuted HeadsetTrouble = "muted"
	// HeadsetOpen: the phone is muted, and the headset says that it is not.
	HeadsetOpen HeadsetTrouble = "open"
	// HeadsetAccess: this user may not open the device.
	HeadsetAccess HeadsetTrouble = "access"
	// HeadsetRestless: its mute button reports so often that nobody can be
	// pressing it; it is not followed until it is quiet.
	HeadsetRestless HeadsetTrouble = "restless"
)

// HeadsetTroubles lists every trouble.
func HeadsetTroubles() []HeadsetTrouble {
	return []HeadsetTrouble{HeadsetMuted, HeadsetOpen, HeadsetAccess, HeadsetRestless}
}
