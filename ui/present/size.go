package present

// Size is how much of the window there is.
type Size int

// The sizes.
const (
	Phone   Size = 0 // one column: number or card, pad, the big button
	Full    Size = 1 // beside it the shift and the recent calls
	Compact Size = 2 // one strip: who, how long, mute, hang up
)

// Sizes lists them in the order of their keys.
func Sizes() []Size { return []Size{Full, Phone, Compact} }

// String is the size's name in settings and in the file of places.
func (s Size) String() string {
	switch s {
	case Full:
		return "full"
	case Compact:
		return "compact"
	}
	return "phone"
}

// ParseSize reads a size's name; false for what is none.
func ParseSize(name string) (Size, bool) {
	for _, s := range Sizes() {
		if s.String() == name {
			return s, true
		}
	}
	return Phone, false
}
