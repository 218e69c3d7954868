package ui

import "nxphone/ui/present"

// headsetChanged takes what the headset tells. Its buttons need no window: they
// are commands to the engine before anything is shown.
func (d *desk) headsetChanged(h present.Headset) {
	d.facts.Headset = h
	d.again()
}
