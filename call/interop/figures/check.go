package figures

import (
	"fmt"
	"math"
)

// Check is one figure that is held against a bar.
type Check struct {
	// What is measured, Unit in what.
	What string `json:"what"`
	Unit string `json:"unit"`
	// Got is the figure, NaN when there is none; Bar is where it should be, at
	// least (Least) or at most.
	Got   Number `json:"got"`
	Bar   Number `json:"bar"`
	Least bool   `json:"at_least"`
	// Why says why it is missed, for a reader; empty for one that is met.
	Why string `json:"why,omitempty"`
}

// AtMost checks a figure that should be small.
func AtMost(what string, got, bar float64, unit string) Check {
	return Check{What: what, Unit: unit, Got: Number(got), Bar: Number(bar)}
}

// AtLeast checks a figure that should be large.
func AtLeast(what string, got, bar float64, unit string) Check {
	return Check{What: what, Unit: unit, Got: Number(got), Bar: Number(bar), Least: true}
}

// Because adds the reason that is told if the bar is missed.
func (c Check) Because(why string) Check {
	if !c.Met() {
		c.Why = why
	}
	return c
}

// Met reports whether the figure is there and on the right side. A figure that
// rounds to its bar is at its bar: two receivers that conceal the same share are
// not told apart by the fourth digit.
func (c Check) Met() bool {
	switch {
	case math.IsNaN(float64(c.Got)):
		return false // beside a bar that is missing as well, too
	case c.Got.String() == c.Bar.String():
		return true
	case c.Least:
		return c.Got >= c.Bar
	}
	return c.Got <= c.Bar
}

// Verdict is "met", or by how much it is missed and why.
func (c Check) Verdict() string {
	if c.Met() {
		return "met"
	}
	if math.IsNaN(float64(c.Got)) {
		return "not measured"
	}
	text := "missed by " + unit(Number(math.Abs(float64(c.Got-c.Bar))), c.Unit)
	if c.Why != "" {
		text += ": " + c.Why
	}
	return text
}

// limit is the bar in words.
func (c Check) limit() string {
	if c.Least {
		return "at least " + unit(c.Bar, c.Unit)
	}
	return "at most " + unit(c.Bar, c.Unit)
}

// Rows are the rows of a table of checks, whose head is [CheckHead].
func Rows(checks []Check) [][]string {
	var rows [][]string
	for _, c := range checks {
		rows = append(rows, []string{c.What, unit(c.Got, c.Unit), c.limit(), c.Verdict()})
	}
	return rows
}

// CheckHead is the head of a table of checks.
func CheckHead() []string { return []string{"", "measured", "bar", "verdict"} }

func unit(n Number, u string) string {
	if u == "" {
		return n.String()
	}
	return n.String() + " " + u
}

// Number is a figure that may be missing (NaN), which JSON writes as null.
type Number float64

// String is the figure for a table, "-" for a missing one. Three or four digits
// are more than any measurement here is good for.
func (n Number) String() string {
	x := math.Abs(float64(n))
	switch {
	case math.IsNaN(float64(n)):
		return "-"
	case x < 1 && x > 0:
		return fmt.Sprintf("%.3f", float64(n))
	case x < 10:
		return fmt.Sprintf("%.2f", float64(n))
	case x < 1000:
		return fmt.Sprintf("%.1f", float64(n))
	}
	return fmt.Sprintf("%.0f", float64(n))
}

// MarshalJSON writes null for what is no number.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return fmt.Appendf(nil, "%.6g", float64(n)), nil
}
