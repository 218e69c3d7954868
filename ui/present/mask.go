package present

// Mask is how much of a number may be seen at once.
type Mask struct {
	// On hides digits; the last Visible ones stay.
	On      bool
	Visible int
}

// Hide writes a number for the eye, in its groups, without what may not be seen.
func (m Mask) Hide(number string) string {
	if !m.On {
		return Telephone(number)
	}
	return Masked(number, m.Visible)
}

// Hides reports whether something of the number is hidden.
func (m Mask) Hides(number string) bool { return m.Hide(number) != Telephone(number) }

// Secret reports whether the number entry holds more than it may show: it came
// out of a list or has been called, and the mask hides digits of it. Such a
// number is replaced or cleared whole. Erasing its last digit would show the
// others, and so would a copy.
func (f Facts) Secret() bool {
	return f.Number != "" && f.Number == f.Fetched && f.Mask.Hides(f.Number)
}

// seen is the number as the user sees it now.
func (f Facts) seen(number string) string {
	if f.Reveal {
		return Telephone(number)
	}
	return f.Mask.Hide(number)
}
