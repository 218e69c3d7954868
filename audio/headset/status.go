package headset

// Trouble is what a user has to be told of a headset. The strings are stable.
type Trouble string

const (
	TroubleNone Trouble = ""
	// TroubleMuted: the headset says that it is muted, and the phone is not.
	TroubleMuted Trouble = "muted"
	// TroubleOpen: the phone is muted, and the headset says that it is not.
	TroubleOpen Trouble = "open"
	// TroubleAccess: this user may not open the device.
	TroubleAccess Trouble = "access"
	// TroubleRestless: its mute button reports so often that it is not followed
	// until it has been quiet for a while.
	TroubleRestless Trouble = "restless"
)

// Status is one headset.
type Status struct {
	// Name is what its maker calls it, empty where that is not known.
	Name string
	// HasHook and HasMute say what it can be worked with.
	HasHook, HasMute bool
	// Muted: it has last said of itself that it is muted.
	Muted bool
	// Trouble is what its user has to be told.
	Trouble Trouble
}
