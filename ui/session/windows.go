package session

import (
	"errors"
	"image"
)

// ErrNoPlace: this display server leaves it to itself where windows are.
var ErrNoPlace = errors.New("session: windows cannot be placed here")

// grip is how much of a window's upper edge must be on a monitor for a person to
// take hold of it there.
var grip = image.Pt(96, 24)

// Reachable reports whether a window at this place can be seen and moved with
// the mouse on one of the monitors.
func Reachable(place image.Rectangle, monitors []image.Rectangle) bool {
	edge := image.Rect(place.Min.X, place.Min.Y, place.Max.X, place.Min.Y+grip.Y)
	for _, m := range monitors {
		seen := edge.Intersect(m)
		if seen.Dx() >= min(grip.X, place.Dx()) && seen.Dy() >= grip.Y {
			return true
		}
	}
	return false
}
