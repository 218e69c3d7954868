package web

import (
	"context"
	"testing"
	"time"
)

// TestScale is the desk of the specification: 50 pages, 1,000 events a second.
// What is asserted is that each page is given each event once and in order; how
// soon depends on what else the machine does, and is told.
func TestScale(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	result, err := Scale{Pages: 50, Events: 3000, Rate: 1000}.Measure(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("told in %v; %v", result.Took.Round(time.Millisecond), result)
	for _, fault := range result.Faults {
		t.Error(fault)
	}
}
