package session

import "image"

// bestIcon is the picture for a place of this many pixels: the smallest of those
// that fill it, else the largest.
func bestIcon(icons []image.Image, side int) (best image.Image) {
	for _, img := range icons {
		w := img.Bounds().Dx()
		if best == nil || w >= side && (best.Bounds().Dx() < side || w < best.Bounds().Dx()) || w < side && best.Bounds().Dx() < w {
			best = img
		}
	}
	return best
}
